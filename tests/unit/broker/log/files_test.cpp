// The log on files of the system, with its real log thread.
#include <gtest/gtest.h>

#include "broker/log/log_thread.hpp"
#include "broker/log/posix_disk.hpp"
#include "broker/log/segmented_log.hpp"
#include "tests/support/bell.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/broker/log/log_house.hpp"

namespace headgate::broker::tests {
namespace {

TEST(posix_disk, does_what_the_port_says) {
  const headgate::tests::temporary_directory place;
  auto directory = log::make_posix_directory(place.path() + "/new");
  ASSERT_TRUE(directory);
  auto file = (*directory)->open("a", log::opening::created);
  ASSERT_TRUE(file);
  // More parts than the system takes in one call.
  const std::string text = "0123456789";
  const std::vector<base::bytes> parts(3000, base::as_bytes(text));
  ASSERT_TRUE((*file)->write(5, parts));
  EXPECT_EQ(*(*file)->size(), 30'005U);
  std::vector<std::uint8_t> data(40'000);
  EXPECT_EQ(*(*file)->read(0, data, log::waiting::allowed), 30'005U);
  EXPECT_EQ(base::as_text(base::bytes(data).subspan(5 + 29'990, 10)), text);
  const auto in_memory = (*file)->read(5, std::span(data).first(10), log::waiting::refused);
  EXPECT_TRUE(in_memory || in_memory.error() == log::errc::would_wait);
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE((*file)->truncate(7));
  EXPECT_EQ(*(*file)->size(), 7U);
  ASSERT_TRUE((*directory)->rename("a", "b"));
  EXPECT_EQ(*(*directory)->list(), std::vector<std::string>{"b"});
  EXPECT_EQ((*directory)->open("a", log::opening::existing).error(), log::errc::not_found);
  EXPECT_EQ((*directory)->rename("a", "c").error(), log::errc::not_found);
  ASSERT_TRUE((*directory)->sync());
  ASSERT_TRUE((*directory)->remove("b"));
  ASSERT_TRUE((*directory)->remove("b")) << "no error when it is not there";
  EXPECT_GT((*directory)->space()->total, (*directory)->space()->free);
  EXPECT_EQ(log::make_posix_directory(place.path() + "/not/there").error(), log::errc::not_found);
  EXPECT_EQ(log::open_posix_directory(place.path() + "/other").error(), log::errc::not_found);
}

TEST(log_thread, runs_in_order_and_waits_for_what_was_posted) {
  std::vector<int> seen;
  {
    log::log_thread thread;
    for (int n = 0; n < 100; ++n) thread.post(log::urgency::awaited, [&seen, n] { seen.push_back(n); });
    thread.wait();
    ASSERT_EQ(seen.size(), 100U);
    thread.post(log::urgency::awaited, [&seen] { seen.push_back(100); });
  }
  ASSERT_EQ(seen.size(), 101U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

// One life of a log: opens, checks what was there, appends, commits with the real thread.
void live(const std::string& path, log::commit_policy commit, std::vector<std::string>& expected,
          std::size_t messages) {
  log::log_thread slow;
  headgate::tests::bell bell;
  base::mailbox letters(bell);
  const auto wait_and_run = [&] {
    bell.wait();
    letters.run_all();
  };
  log_house::line_list lines;
  auto directory = log::make_posix_directory(path);
  ASSERT_TRUE(directory);
  auto recovered = log::recover(**directory, 5);
  ASSERT_TRUE(recovered);
  log::segmented_log log(std::move(*directory), std::move(*recovered),
                         {.segment_bytes = 64 * 1024, .commit = commit, .retention = {}, .tail_bytes = 1},
                         {slow, letters, lines, "0"});
  std::vector<std::string> found;
  for (auto from = log.start(); from < log.end();) {
    const auto read = log.read(from);
    if (read.later) {
      wait_and_run();
      continue;
    }
    if (!read.batch) break;
    auto& header = read.batch.header();
    record::for_each_record(header, [&](const auto& record) { found.push_back(payload_of(record)); });
    from = log::offset{header.base_offset + header.count};
  }
  ASSERT_EQ(found, expected);

  record::batch_builder builder(record::producer_id{1});
  for (std::size_t n = 0; n < messages; ++n) {
    auto batch = batch_of(builder, {{"t", 1, numbered(n, 2000)}});
    batch.header().base_offset = log.end().value;
    log.append(std::move(batch));
    expected.push_back(numbered(n, 2000));
    base::instant now{base::monotonic_ms{n}, base::wall_ms{n}};
    for (auto end = log.flush(now); log.committed() < end; end = log.flush(now)) wait_and_run();
  }
  EXPECT_TRUE(lines.events.empty());
}

TEST(log_files, survive_with_both_policies) {
  for (const auto commit : {log::commit_policy::os, log::commit_policy::disk}) {
    const headgate::tests::temporary_directory place;
    std::vector<std::string> expected;
    for (int n = 0; n < 3; ++n) live(place.path() + "/0", commit, expected, 150);
  }
}

}  // namespace
}  // namespace headgate::broker::tests
