#include "cli/console_log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "net/descriptor.hpp"

namespace headgate::cli {
namespace {

using config::log_format;
using config::log_level;

// What a reader of our standard error would see.
struct channel {
  net::descriptor reading, writing;

  static channel pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, ::pipe2(ends.data(), O_CLOEXEC));
    return {net::descriptor(ends[0]), net::descriptor(ends[1])};
  }
  static channel socket() {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
    return {net::descriptor(ends[0]), net::descriptor(ends[1])};
  }
  // What there is to read now.
  std::string content() const {
    ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
    std::string all;
    std::array<char, 65'536> part{};
    for (ssize_t size = 0; (size = ::read(reading.get(), part.data(), part.size())) > 0;)
      all.append(part.data(), static_cast<std::size_t>(size));
    return all;
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream text(content());
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }
};

base::log_line line_of(base::severity severity, std::string_view text) {
  return {severity, "tested", text, {}};
}

TEST(console_log, writes_from_its_level_on) {
  const auto channel = channel::pipe();
  console_log log(log_format::text, log_level::warning, channel.writing.get());
  log.write(line_of(base::severity::info, "one"));
  log.write(line_of(base::severity::warning, "two"));
  log.set_level(log_level::error);
  log.write(line_of(base::severity::warning, "three"));
  log.write(line_of(base::severity::error, "four"));
  log.set_level(log_level::info);
  log.write(line_of(base::severity::info, "five"));
  const auto lines = channel.lines();
  ASSERT_EQ(3U, lines.size());
  EXPECT_TRUE(lines[0].ends_with(" warning two"));
  EXPECT_TRUE(lines[1].ends_with(" error four"));
  EXPECT_TRUE(lines[2].ends_with(" info five"));
  EXPECT_EQ(3U, log.lines());
  EXPECT_EQ(0U, log.lines_lost());
}

TEST(console_log, changes_its_format_while_it_runs) {
  const auto channel = channel::pipe();
  console_log log(log_format::json, log_level::info, channel.writing.get());
  log.write(line_of(base::severity::info, "one"));
  log.set_format(log_format::text);
  log.write(line_of(base::severity::info, "two"));
  const auto lines = channel.lines();
  ASSERT_EQ(2U, lines.size());
  EXPECT_EQ("one", boost::json::parse(lines[0]).at("text").as_string());
  EXPECT_TRUE(lines[1].ends_with(" info two"));
}

void expect_lost_lines_to_be_counted(const channel& channel) {
  console_log log(log_format::json, log_level::info, channel.writing.get());
  const std::string text(1000, 'x');
  while (log.lines_lost() < 10) log.write(line_of(base::severity::info, text));  // and returns each time
  const auto written = log.lines();
  EXPECT_EQ(written, channel.lines().size());
  log.write(line_of(base::severity::info, "heard"));
  const auto lines = channel.lines();
  ASSERT_EQ(2U, lines.size());
  const auto note = boost::json::parse(lines[0]).as_object();
  EXPECT_EQ("log_lines_lost", note.at("event").as_string());
  EXPECT_EQ("10", note.at("lines").as_string());
  EXPECT_EQ("heard", boost::json::parse(lines[1]).at("text").as_string());
  EXPECT_EQ(written + 1, log.lines());
  EXPECT_EQ(10U, log.lines_lost());
}

TEST(console_log, a_pipe_that_nobody_reads_costs_lines_only) {
  expect_lost_lines_to_be_counted(channel::pipe());
}

TEST(console_log, a_reader_that_is_gone_costs_lines_only) {
  auto channel = channel::socket();
  channel.reading.reset();
  console_log log(log_format::text, log_level::info, channel.writing.get());
  log.write(line_of(base::severity::info, "unheard"));
  EXPECT_EQ(1U, log.lines_lost());
}

// As the journal has it.
TEST(console_log, a_socket_that_nobody_reads_costs_lines_only) {
  const auto channel = channel::socket();
  console_log log(log_format::json, log_level::info, channel.writing.get());
  const std::string text(3000, 'x');
  while (log.lines_lost() < 10) log.write(line_of(base::severity::info, text));
  const auto before = channel.lines();
  EXPECT_EQ(log.lines(), before.size());
  for (const auto& line : before) EXPECT_NO_THROW((void)boost::json::parse(line));
}

TEST(console_log, lines_of_several_threads_do_not_mix) {
  const auto channel = channel::pipe();
  ASSERT_GT(::fcntl(channel.writing.get(), F_SETPIPE_SZ, 1 << 20), 0);
  console_log log(log_format::json, log_level::info, channel.writing.get());
  constexpr int per_thread = 50;
  std::vector<std::thread> threads;
  for (int n = 0; n < 3; ++n) {
    threads.emplace_back([&log, n] {
      const std::string text(4000, static_cast<char>('a' + n));
      for (int count = 0; count < per_thread; ++count) log.write(line_of(base::severity::info, text));
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = channel.lines();
  EXPECT_EQ(3U * per_thread, lines.size() + log.lines_lost());
  for (const auto& line : lines) EXPECT_NO_THROW((void)boost::json::parse(line));
}

}  // namespace
}  // namespace headgate::cli
