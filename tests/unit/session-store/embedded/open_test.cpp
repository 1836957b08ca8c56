#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>

#include "session-store/embedded/keys.hpp"
#include "tests/support/failing_env.hpp"
#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store::embedded {
namespace {

// Why a store does not open there.
std::string problem_of(const std::string& directory, rocksdb::Env* env = nullptr) {
  store_thread::options options;
  options.directory = directory;
  options.env = env;
  const auto opened = store_thread::open(options);
  return opened ? "" : opened.error();
}
void expect_part(const std::string& text, std::string_view part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

// A directory with some sessions on the disk, all of which have left the write-ahead log.
class embedded_open : public ::testing::Test {
 protected:
  embedded_open() : path(directory.path() + "/sessions") {}
  void fill() {
    const auto raw = open_raw();
    for (int n = 0; n < 1000; ++n) {
      stored_value value;
      value.saved = true;
      value.record = std::string(100, 'r');
      ASSERT_TRUE(raw->Put({}, session_key("device " + std::to_string(n)), encode(value)).ok());
    }
    ASSERT_TRUE(raw->Put({}, rocksdb::Slice(format_key.data(), 1), rocksdb::Slice(format_value.data(), 1)).ok());
    ASSERT_TRUE(raw->Flush({}).ok());
  }
  std::unique_ptr<rocksdb::DB> open_raw() {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(options, path, &db);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return std::unique_ptr<rocksdb::DB>(db);
  }
  // Writes over the middle of the files of this kind.
  void damage(const std::string& kind) {
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      if (file.path().filename().string().find(kind) == std::string::npos) continue;
      std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file.path()) / 2));
      bytes << "what does not belong here, and is long enough to be noticed";
    }
  }

  tests::temporary_directory directory;
  std::string path;
};

TEST_F(embedded_open, makes_the_directory) {
  path += "/below/another";
  EXPECT_EQ(problem_of(path), "");
  EXPECT_TRUE(std::filesystem::is_directory(path));
  EXPECT_EQ(problem_of(path), "") << "again";
}

TEST_F(embedded_open, directory_that_cannot_be_made) {
  std::ofstream(path) << "a file";
  const auto problem = problem_of(path + "/sessions");
  expect_part(problem, "cannot be made");
  expect_part(problem, path);
  expect_part(problem, "data_dir");
}

TEST_F(embedded_open, directory_that_cannot_be_written) {
  tests::failing_env disk;
  disk.broken = true;
  const auto problem = problem_of(path, &disk);
  expect_part(problem, "cannot be opened (IO error");
  expect_part(problem, path);
  disk.broken = false;
  EXPECT_EQ(problem_of(path, &disk), "");
}

TEST_F(embedded_open, directory_in_use) {
  store_thread::options options;
  options.directory = path;
  const auto opened = store_thread::open(options);
  ASSERT_TRUE(opened);
  const auto problem = problem_of(path);
  expect_part(problem, path + " is in use by another process");
}

TEST_F(embedded_open, damaged_sessions) {
  fill();
  damage(".sst");
  const auto problem = problem_of(path);
  expect_part(problem, "is damaged");
  expect_part(problem, "move it away");
}

TEST_F(embedded_open, damaged_list_of_files) {
  fill();
  damage("MANIFEST");
  expect_part(problem_of(path), "is damaged");
}

TEST_F(embedded_open, lost_list_of_files) {
  fill();
  std::ofstream(path + "/CURRENT") << "nothing\n";
  expect_part(problem_of(path), "is damaged");
}

TEST_F(embedded_open, database_of_another_program_or_of_another_version) {
  ASSERT_TRUE(open_raw()->Put({}, "key", "value").ok());
  expect_part(problem_of(path), "another program");
  ASSERT_TRUE(open_raw()->Put({}, "f", "2").ok());
  expect_part(problem_of(path), "another version of Headgate");
}

// What cannot be read is nobody's session, and is counted.
TEST_F(embedded_open, value_that_is_none) {
  fill();
  ASSERT_TRUE(open_raw()->Put({}, session_key("odd"), "\xff\xff").ok());
  ASSERT_TRUE(open_raw()->Put({}, due_key(0, 1, "odd too"), "").ok());
  ASSERT_TRUE(open_raw()->Put({}, session_key("odd too"), "").ok());
  ASSERT_TRUE(open_raw()->Put({}, due_key(0, 1, "nobody"), "").ok());
  ASSERT_TRUE(open_raw()->Put({}, due_key(0, 1, "device 1"), "").ok());
  ASSERT_TRUE(open_raw()->Put({}, "d123", "").ok());
  ASSERT_TRUE(open_raw()->Put({}, life_key(5), "?").ok());
  hand_moved_clock clock;
  answer_list answers;
  tests::embedded_home home(path);
  home.open(clock.now());
  EXPECT_EQ(home.store().life(), 6U);
  const auto store = home.make(0, answers, clock, 0);
  EXPECT_EQ(store->view().kept, 1002U);
  store->submit(claim{.request = 1, .client_id = "odd", .owner = owner_number(1), .nonce = 9});
  home.wait_until([&] { return !answers.all.empty(); });
  const auto answer = answers.take<claimed>();
  EXPECT_EQ(answer.what, claimed::outcome::granted);
  EXPECT_FALSE(answer.present);
  store->submit(sweep{2});
  home.wait_until([&] { return !answers.all.empty(); });
  EXPECT_EQ(answers.take<swept>().all, (std::vector<due>{{"odd too", ""}}));
  EXPECT_EQ(store->view().kept, 1000U);
  EXPECT_EQ(home.store().view().unreadable, 2U);
}

}  // namespace
}  // namespace headgate::session_store::embedded
