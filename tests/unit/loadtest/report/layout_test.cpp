#include "loadtest/report/layout.hpp"

#include <gtest/gtest.h>

namespace headgate::loadtest::report {
namespace {

const std::vector<section> sample{
    {"latency", {"", "p50", "max"}, {{"connect", "1 µs", "20 ms"}, {"deliver", "", "3 s"}}, true, {"open loop"}},
    {"empty", {}, {}, false, {}},
    {"server", {}, {{"CPU", "1 s", "of a core"}, {"process\x1b[2J", "42"}}, false, {}}};

TEST(layout, aligns_on_a_terminal) {
  EXPECT_EQ(lay_out(sample, true),
            "latency\n"
            "            p50    max\n"
            "  connect  1 µs  20 ms\n"
            "  deliver          3 s\n"
            "  open loop\n"
            "\n"
            "server\n"
            "  CPU          1 s  of a core\n"
            "  process?[2J  42\n");
}

TEST(layout, gives_each_row_a_line_of_its_own_elsewhere) {
  EXPECT_EQ(lay_out(sample, false),
            "latency\tconnect\tp50 1 µs\tmax 20 ms\n"
            "latency\tdeliver\t\tmax 3 s\n"
            "latency\topen loop\n"
            "server\tCPU\t1 s\tof a core\n"
            "server\tprocess?[2J\t42\n");
}

TEST(layout, frames_what_must_not_be_overlooked) {
  EXPECT_EQ(framed({"it failed", {"für immer"}}),
            "+-------------+\n"
            "| IT FAILED   |\n"
            "| - für immer |\n"
            "+-------------+\n");
}

TEST(layout, breaks_long_sentences_so_that_a_frame_fits_80_columns) {
  const auto text = framed({"x", {std::string(60, 'a') + " " + std::string(60, 'b') + " c"}});
  EXPECT_EQ(broken_into_lines("a bc  d", 4), (std::vector<std::string>{"a bc", "d"}));
  EXPECT_EQ(broken_into_lines("abcdef g", 4), (std::vector<std::string>{"abcdef", "g"}));
  EXPECT_LE(text.find('\n'), 80U);
  EXPECT_NE(text.find("|   bbb"), std::string::npos) << text;
}

}  // namespace
}  // namespace headgate::loadtest::report
