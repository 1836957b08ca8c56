#include "loadtest/report/progress_line.hpp"

#include <gtest/gtest.h>

namespace headgate::loadtest::report {
namespace {

TEST(progress_line, says_what_is_known) {
  core::progress progress;
  progress.clients = 1000;
  progress.connected = 12;
  EXPECT_EQ(progress_line(progress), "connecting 0 s, 12/1,000 clients");
  progress.what = core::progress::phase::measuring;
  progress.elapsed_s = 3.2;
  progress.total_s = 10;
  progress.connected = 1000;
  progress.sent_per_s = 12'345.6;
  progress.delivered_per_s = 987.4;
  progress.p99_us = 412;
  progress.faults = 1;
  EXPECT_EQ(progress_line(progress),
            "measuring 3/10 s, 1,000/1,000 clients, 1 FAULT, sent 12.3 k/s, delivered 987/s, p99 412 µs");
  progress.total_s = 1.8e10;
  progress.faults = 0;
  EXPECT_EQ(progress_line(progress).substr(0, 15), "measuring 3 s, ") << "a run without an end";
}

}  // namespace
}  // namespace headgate::loadtest::report
