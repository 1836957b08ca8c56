#include "config/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::config {
namespace {

struct outcome {
  config::settings settings;
  config::origins origins;
  std::string errors;
};

outcome read(const variables& environment, const settings& before = {}) {
  outcome outcome{before, {}, {}};
  problems problems;
  read_environment(outcome.settings, environment, outcome.origins, problems);
  outcome.errors = problems.text();
  return outcome;
}

TEST(environment, every_key_has_a_variable) {
  for (const auto& line : describe(settings())) {
    const auto outcome = read({{variable_name(line.key), line.value}});
    EXPECT_EQ(outcome.errors, "");
    EXPECT_EQ(outcome.origins, (origins{{line.key, variable_name(line.key)}}));
  }
  EXPECT_EQ(variable_name("listeners.tcp.port"), "HEADGATE_LISTENERS_TCP_PORT");
  EXPECT_EQ(variable_name("data_dir"), "HEADGATE_DATA_DIR");
}

TEST(environment, names_of_items_are_taken_in_small_letters) {
  const auto outcome = read({{"HEADGATE_LISTENERS_MY_LAN_PORT", "7"}, {"HEADGATE_CLUSTERS_EAST_SHARDS", "3"}});
  EXPECT_EQ(outcome.errors, "");
  ASSERT_EQ(outcome.settings.listeners.size(), 1);
  EXPECT_EQ(outcome.settings.listeners[0].name, "my_lan");
  EXPECT_EQ(outcome.settings.listeners[0].port, 7);
  EXPECT_EQ(outcome.settings.clusters, (std::vector<shard_router::cluster>{{"east", 1, 3}}));
}

TEST(environment, an_item_that_is_written_so_is_the_one_of_the_file) {
  settings settings;
  assign(settings, "listeners.My-Lan.port=1");
  const auto outcome = read({{"HEADGATE_LISTENERS_MY_LAN_PORT", "7"}}, settings);
  ASSERT_EQ(outcome.settings.listeners.size(), 1);
  EXPECT_EQ(outcome.settings.listeners[0].name, "My-Lan");
  EXPECT_EQ(outcome.settings.listeners[0].port, 7);
  EXPECT_EQ(outcome.origins, (origins{{"listeners.My-Lan.port", "HEADGATE_LISTENERS_MY_LAN_PORT"}}));
}

TEST(environment, a_bad_value_names_the_variable) {
  EXPECT_EQ(read({{"HEADGATE_WORKERS", ""}}).errors,
            "HEADGATE_WORKERS: '' is no value for workers: it takes a whole number from 0 to 64");
}

TEST(environment, what_is_nearly_a_key_is_told_the_nearest) {
  const auto sentence = [](const std::string& name, const std::string& nearest) {
    return name + ": this variable of the environment is no key: did you mean " + nearest + "?";
  };
  for (const auto& [name, nearest] :
       std::map<std::string, std::string>{{"HEADGATE_LIMITS_MAX_CLIENT", "HEADGATE_LIMITS_MAX_CLIENTS"},
                                          {"HEADGATE_LIMIT_MAX_CLIENTS", "HEADGATE_LIMITS_MAX_CLIENTS"},
                                          {"HEADGATE_WORKER", "HEADGATE_WORKERS"},
                                          {"HEADGATE_WORKERS_", "HEADGATE_WORKERS"},
                                          {"HEADGATE_LISTENERS_LAN_PROT", "HEADGATE_LISTENERS_LAN_PORT"},
                                          {"HEADGATE_LISTENER_TCP_PORT", "HEADGATE_LISTENERS_TCP_PORT"},
                                          {"HEADGATE_LISTENERS_PORT", "HEADGATE_LISTENERS_TCP_PORT"},
                                          {"HEADGATE_LOG_MEMORY", "HEADGATE_LOG_MEMORY_BYTES"}}) {
    EXPECT_EQ(read({{name, "1"}}).errors, sentence(name, nearest));
  }
}

// Its service headgate-admin has the names of keys.
TEST(environment, what_kubernetes_sets_is_told_apart) {
  for (const auto* name : {"HEADGATE_ADMIN_PORT", "HEADGATE_ADMIN_PORT_18083_TCP", "HEADGATE_ADMIN_SERVICE_HOST",
                           "HEADGATE_ADMIN_PORT_18083_TCP_ADDR", "HEADGATE_ADMIN_SERVICE_PORT"}) {
    variables environment = {{name, std::string(name).ends_with("_TCP") ? "tcp://10.0.0.1:18083" : "10.0.0.1"}};
    EXPECT_THAT(read(environment).errors, ::testing::HasSubstr(name));
    const bool says_it = std::string(name).ends_with("_SERVICE_HOST");
    EXPECT_EQ(read(environment).errors.find("enableServiceLinks") != std::string::npos, says_it);
    environment.emplace_back("HEADGATE_ADMIN_SERVICE_HOST", "10.0.0.1");
    EXPECT_THAT(read(environment).errors,
                ::testing::HasSubstr("Kubernetes sets it for a service called headgate-admin: "
                                     "enableServiceLinks: false in the pod keeps it away"));
  }
}

TEST(environment, what_others_set_is_left_alone) {
  for (const auto* name : {"HEADGATE_CONFIG", "HEADGATE_ADMIN", "HEADGATE_PORT", "HEADGATE_PORT_1883_TCP_ADDR",
                           "HEADGATE_SERVICE_HOST", "HEADGATE_BINARIES", "HEADGATE_TEST_SETTINGS",
                           "HEADGATE_TEST_COMPLETIONS", "HEADGATE_LONG", "HEADGATE_PACKAGES", "HEADGATE_PEER_SERVER",
                           "HEADGATE_FIXED_ADDRESSES", "HEADGATE_", "HEADGATE_SANITIZERS", "HEADGATEWORKERS"}) {
    const auto outcome = read({{name, "x"}});
    EXPECT_EQ(outcome.errors, "") << name;
    EXPECT_TRUE(outcome.origins.empty()) << name;
  }
}

}  // namespace
}  // namespace headgate::config
