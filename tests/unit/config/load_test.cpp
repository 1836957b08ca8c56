#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace headgate::config {
namespace {

using ::testing::HasSubstr;

// A file that is there as long as the test.
class loading : public ::testing::Test {
 protected:
  loading() : path_(::testing::TempDir() + "headgate-load-" + std::to_string(::getpid()) + ".yaml") {}
  ~loading() override { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }
  void write(const std::string& text) const { std::ofstream(path_) << text; }

  static std::string error_of(const sources& sources) {
    try {
      (void)load(sources);
    } catch (const settings_error& error) {
      return error.what();
    }
    return "";
  }

 private:
  std::string path_;
};

TEST_F(loading, each_source_wins_over_those_before_it) {
  write("workers: 2\nlimits: { max_clients: 2, max_inflight: 2 }\n");
  const auto loaded = load({path(),
                            {{"HEADGATE_WORKERS", "3"}, {"HEADGATE_LIMITS_MAX_INFLIGHT", "3"}},
                            {"limits.max_inflight=4", "log.memory_bytes=4MiB"}});
  EXPECT_EQ(loaded.file, path());
  EXPECT_EQ(loaded.settings.limits.max_clients, 2);
  EXPECT_EQ(loaded.settings.workers, 3);
  EXPECT_EQ(loaded.settings.limits.max_inflight, 4);
  EXPECT_EQ(loaded.origins, (origins{{"limits.max_clients", path() + ":2"},
                                     {"workers", "HEADGATE_WORKERS"},
                                     {"limits.max_inflight", "--set"},
                                     {"log.memory_bytes", "--set"}}));
}

TEST_F(loading, names_add_up_over_the_sources) {
  write("listeners: { lan: { port: 1 } }\n");
  const auto loaded = load({path(), {{"HEADGATE_LISTENERS_LAN_BIND", "::1"}}, {"listeners.tcp.port=2"}});
  ASSERT_EQ(loaded.settings.listeners.size(), 2);
  EXPECT_EQ(loaded.settings.listeners[0].name, "lan");
  EXPECT_EQ(loaded.settings.listeners[0].bind, "::1");
  EXPECT_EQ(loaded.settings.listeners[1].name, "tcp");
}

TEST_F(loading, the_file_is_named_by_option_then_by_variable) {
  write("workers: 2\n");
  EXPECT_EQ(load({std::nullopt, {{"HEADGATE_CONFIG", path()}}, {}}).settings.workers, 2);
  EXPECT_EQ(load({"", {{"HEADGATE_CONFIG", path()}}, {}}).settings.workers, 0);
  EXPECT_EQ(load({path(), {{"HEADGATE_CONFIG", "/nowhere"}}, {}}).settings.workers, 2);
  EXPECT_EQ(load({std::nullopt, {{"HEADGATE_CONFIG", ""}}, {}}).file, "");
}

TEST_F(loading, all_that_is_wrong_anywhere_is_told) {
  write("workers: x\n");
  EXPECT_EQ(error_of({path(), {{"HEADGATE_LIMITS_X", "3"}}, {"worker=3", "z"}}),
            path() + ":1: 'x' is no value for workers: it takes a whole number from 0 to 64\n" +
                "HEADGATE_LIMITS_X: this variable of the environment is no key: did you mean "
                "HEADGATE_LIMITS_MAX_CLIENTS?\n"
                "--set: unknown key 'worker': did you mean 'workers'?\n"
                "--set: 'z' is not of the form KEY=VALUE");
}

TEST_F(loading, what_keys_say_together_is_told_with_the_place_of_one_of_them) {
  write("\nlisteners:\n  lan:\n    bind: 0.0.0.0\n");
  EXPECT_THAT(error_of({path(), {}, {}}), HasSubstr(path() + ":4: listeners.lan.bind=0.0.0.0 is open"));
  EXPECT_EQ(error_of({path(), {}, {"listeners.lan.anonymous=allow"}}), "");
  EXPECT_THAT(error_of({"", {{"HEADGATE_ADMIN_BIND", "::"}}, {}}),
              HasSubstr("HEADGATE_ADMIN_BIND: admin.bind=:: is open"));
  EXPECT_THAT(error_of({"", {}, {"listeners.tcp.port=18083"}}),
              HasSubstr("--set: listeners.tcp and admin cannot both"));
}

// A directory that must not be entered, as one that leads nowhere here, may well hold a configuration.
TEST_F(loading, a_file_is_missing_only_where_the_system_says_so) {
  EXPECT_FALSE(may_be_there(path()));
  write("");
  EXPECT_TRUE(may_be_there(path()));
  EXPECT_FALSE(may_be_there(path() + "/headgate.yaml"));
  std::filesystem::remove(path());
  std::filesystem::create_symlink(path(), path());
  EXPECT_TRUE(may_be_there(path() + "/headgate.yaml"));
}

TEST_F(loading, a_file_that_cannot_be_read_is_told) {
  EXPECT_EQ(error_of({path(), {}, {}}), "cannot read the configuration '" + path() + "': No such file or directory");
}

}  // namespace
}  // namespace headgate::config
