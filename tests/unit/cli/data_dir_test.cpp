#include "cli/data_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/settings.hpp"

namespace headgate::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class data_dir : public ::testing::Test {
 protected:
  void SetUp() override {
    auto name = (std::filesystem::temp_directory_path() / "headgate-data-XXXXXX").string();
    ASSERT_NE(nullptr, ::mkdtemp(name.data()));
    top_ = name;
    path_ = (top_ / "data").string();
  }
  void TearDown() override { std::filesystem::remove_all(top_); }

  std::string lock_file() const {
    std::ifstream file(path_ + "/lock");
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
  }

  std::filesystem::path top_;
  std::string path_;
};

std::string error_of(const std::string& path) {
  try {
    data_dir_lock lock(path);
  } catch (const config::settings_error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("data_dir=" + path + " "), Not(HasSubstr("\n"))));
    return error.what();
  }
  return "";
}

// A process that holds the lock until it is told to go.
class second_process {
 public:
  explicit second_process(const std::string& path) {
    std::array<int, 2> to{}, from{};
    EXPECT_TRUE(::pipe(to.data()) == 0 && ::pipe(from.data()) == 0);
    id_ = ::fork();
    if (id_ == 0) {
      char byte = 0;
      ::close(to[1]);
      try {
        data_dir_lock lock(path);
        (void)!::write(from[1], "x", 1);
        (void)!::read(to[0], &byte, 1);  // ends with the other side too
      } catch (...) {
      }
      ::_exit(0);
    }
    ::close(to[0]);
    ::close(from[1]);
    go_ = to[1];
    char byte = 0;
    has_lock_ = ::read(from[0], &byte, 1) == 1;
    ::close(from[0]);
  }
  ~second_process() { end(); }

  void end() {
    if (id_ == 0) return;
    ::close(go_);
    ::waitpid(id_, nullptr, 0);
    id_ = 0;
  }
  void kill() {
    ::kill(id_, SIGKILL);
    end();
  }
  pid_t id() const { return id_; }
  bool has_lock() const { return has_lock_; }

 private:
  pid_t id_ = 0;
  int go_ = -1;
  bool has_lock_ = false;
};

TEST_F(data_dir, is_made_and_locked_for_us_alone) {
  {
    const data_dir_lock lock(path_);
    struct stat about {};
    ASSERT_EQ(0, ::stat(path_.c_str(), &about));
    EXPECT_EQ(0700U, about.st_mode & 0777U);
    EXPECT_EQ(std::to_string(::getpid()) + "\n", lock_file());
    EXPECT_THAT(error_of(path_), HasSubstr("is in use by process " + std::to_string(::getpid()) + ":"));
  }
  EXPECT_EQ("", lock_file());
  EXPECT_EQ("", error_of(path_));
  EXPECT_EQ("", error_of(path_ + "/"));
}

TEST_F(data_dir, of_another_process) {
  second_process other(path_);
  ASSERT_TRUE(other.has_lock());
  EXPECT_THAT(error_of(path_), HasSubstr("is in use by process " + std::to_string(other.id()) + ": end that one"));
  EXPECT_EQ(std::to_string(other.id()) + "\n", lock_file());
  other.end();
  EXPECT_EQ("", error_of(path_));
}

TEST_F(data_dir, of_a_process_that_was_killed) {
  second_process other(path_);
  ASSERT_TRUE(other.has_lock());
  other.kill();
  EXPECT_EQ("", error_of(path_));
}

TEST_F(data_dir, that_cannot_be) {
  EXPECT_THAT(error_of(path_ + "/below"), HasSubstr("the directory above it is not there"));
  std::ofstream(path_) << "a file";
  EXPECT_THAT(error_of(path_), HasSubstr("is no directory"));
  EXPECT_THAT(error_of(path_ + "/below"), HasSubstr("a part of the path is no directory"));
}

TEST_F(data_dir, whose_lock_is_no_file) {
  std::filesystem::create_directory(path_);
  std::filesystem::create_symlink("elsewhere", path_ + "/lock");
  EXPECT_THAT(error_of(path_), AllOf(HasSubstr("a symbolic link: take that away"), Not(HasSubstr("chown"))));
  std::filesystem::remove(path_ + "/lock");
  std::filesystem::create_directory(path_ + "/lock");
  EXPECT_THAT(error_of(path_), AllOf(HasSubstr("a directory: take that away"), Not(HasSubstr("chown"))));
}

TEST_F(data_dir, that_is_not_ours) {
  constexpr uid_t nobody = 65'534;
  const bool is_root = ::geteuid() == 0;
  std::filesystem::create_directory(path_);
  constexpr auto to_be_passed = std::filesystem::perms(0511);
  std::filesystem::permissions(path_, to_be_passed);
  std::filesystem::permissions(top_, to_be_passed);
  if (is_root) {
    ASSERT_EQ(0, ::seteuid(nobody));
  }
  const auto id = std::to_string(::geteuid());
  const auto there = error_of(path_);
  const auto to_be_made = error_of((top_ / "other").string());
  if (is_root) {
    ASSERT_EQ(0, ::seteuid(0));
  }
  std::filesystem::permissions(top_, std::filesystem::perms::owner_all);
  EXPECT_THAT(there, HasSubstr("cannot be written by user " + id));
  EXPECT_THAT(to_be_made, HasSubstr("cannot be made by user " + id));
}

}  // namespace
}  // namespace headgate::cli
