#include "cli/advice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::cli {
namespace {

using ::testing::HasSubstr;

std::string advice_on(std::errc error) {
  return advice(std::make_error_code(error));
}

TEST(advice, names_what_mends_it) {
  EXPECT_THAT(advice_on(std::errc::address_in_use), HasSubstr("--set listeners.tcp.port=PORT"));
  EXPECT_THAT(advice(std::make_error_code(std::errc::address_in_use), "admin.port"),
              HasSubstr("--set admin.port=PORT"));
  EXPECT_THAT(advice_on(std::errc::too_many_files_open), HasSubstr("ulimit -n"));
  EXPECT_EQ("", advice_on(std::errc::io_error));
}

// What std::thread throws: "Resource temporarily unavailable".
TEST(advice, on_threads_that_cannot_be_had) {
  EXPECT_THAT(advice_on(std::errc::resource_unavailable_try_again), HasSubstr("ulimit -u, under systemd TasksMax="));
}

}  // namespace
}  // namespace headgate::cli
