#include "loadtest/report/progress_line.hpp"

#include <gtest/gtest.h>

namespace headgate::loadtest::report {
namespace {

TEST(progress_line, says_what_is_known) {
  core::progress progress;
  progress.clients = 1000;
  progress.connected = 12;
  EXPECT_EQ(progress_line(progress), "connecting 0 s, 12 of 1,000 connected");
  progress.what = core::progress::phase::measuring;
  progress.elapsed_s = 3.2;
  progress.total_s = 10;
  progress.connected = 1000;
  progress.sent_per_s = 12'345.6;
  progress.delivered_per_s = 987.4;
  progress.p99_us = 412;
  progress.faults = 1;
  EXPECT_EQ(progress_line(progress),
            "measuring 3 s of 10 s, 1,000 of 1,000 connected, 12.3 k/s sent, 987/s delivered, p99 412 µs, 1 FAULT");
}

}  // namespace
}  // namespace headgate::loadtest::report
