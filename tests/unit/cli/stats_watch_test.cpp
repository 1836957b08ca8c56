#include "cli/stats_watch.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace headgate::cli {
namespace {

boost::json::object parsed(const char* text) {
  return boost::json::parse(text).as_object();
}

TEST(stats_watch, gives_rates_and_what_is_so_now) {
  const auto before = parsed(R"({"gateway": {"clients": 1, "connects": 10, "publishes_in_qos0": 0},
                                 "sockets": {"bytes_in": 0}, "workers": [{"idle_ns": 0}, {"idle_ns": 0}]})");
  const auto now = parsed(R"({"gateway": {"clients": 3, "connects": 30, "publishes_in_qos0": 500},
                              "sockets": {"bytes_in": 3000000},
                              "workers": [{"idle_ns": 2000000000}, {"idle_ns": 1000000000}]})");
  const std::vector<std::string> expected = {"3", "10", "250", "0", "1.50", "0.00", "0", "0", "0", "25"};
  EXPECT_EQ(watch_cells(before, now, 2), expected);
  EXPECT_EQ(watch_headings().size(), expected.size());
  EXPECT_EQ(watch_line(expected).size(), watch_line(watch_headings()).size());
}

TEST(stats_watch, bears_a_server_that_began_anew) {
  const auto before = parsed(R"({"gateway": {"connects": 10}, "workers": []})");
  const auto now = parsed(R"({"gateway": {"connects": 1}, "workers": []})");
  EXPECT_EQ(watch_cells(before, now, 1)[1], "0");
}

}  // namespace
}  // namespace headgate::cli
