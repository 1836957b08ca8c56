#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "loadtest/core/fleet.hpp"
#include "loadtest/core/phases.hpp"
#include "tests/unit/loadtest/core/fake_server.hpp"

namespace headgate::loadtest::core {

inline constexpr std::uint64_t ms = 1'000'000;

inline group a_group(const std::string& name, std::uint32_t clients) {
  group made;
  made.name = name;
  made.clients = clients;
  made.client_id = std::get<text_template>(text_template::parse(name + "-%c"));
  return made;
}

inline text_template pattern(const std::string& text) {
  return std::get<text_template>(text_template::parse(text));
}

inline plan pairs_plan(std::uint32_t pairs, mqtt::qos qos, std::uint32_t window, double rate = 0) {
  plan made;
  made.name = "pairs";
  group publishers = a_group("pub", pairs);
  publishers.publish.emplace();
  publishers.publish->topic = pattern("t/%c");
  publishers.publish->qos = qos;
  publishers.publish->window = window;
  publishers.publish->rate = rate;
  group subscribers = a_group("sub", pairs);
  subscribers.subscribe.emplace();
  subscribers.subscribe->filters = {pattern("t/%c")};
  subscribers.subscribe->qos = qos;
  made.groups = {publishers, subscribers};
  made.measuring.warm_up_ns = 0;
  made.measuring.duration_ns = second_ns;
  return made;
}

// Runs a plan against the fake server on a clock that moves by a millisecond a turn.
class running {
 public:
  explicit running(const plan& plan) : plan_(plan), fleet_(make_fleet(plan_, server, 7)) { start(*fleet_, now); }

  void turn() {
    now += ms;
    for (auto& [client, link] : server.links) {
      if (link.is_open && link.was_blocked && link.room > 0) {
        link.was_blocked = false;
        on_writable(*fleet_, client, now);
      }
      hand_over(client, link);
    }
    on_turn(*fleet_, now);
  }
  void turn_until(const std::function<bool()>& over) {
    for (int turns = 0; turns < 200'000 && !over(); ++turns) turn();
    ASSERT_TRUE(over());
  }
  void turn_until(phase wanted) {
    turn_until([this, wanted] { return fleet_->phase >= wanted; });
  }
  results finish() {
    turn_until(phase::over);
    return take_results(*fleet_, now);
  }
  void lose(std::uint32_t client) {
    server.lose(client);
    on_closed(*fleet_, client, "lost", now);
  }
  core::fleet& fleet() { return *fleet_; }
  int count(const std::string& line) const { return static_cast<int>(std::ranges::count(server.log, line)); }

  std::uint64_t now = 1'000 * second_ns;
  fake_server server;

 private:
  void hand_over(std::uint32_t client, fake_server::link& link) {
    if (!link.is_open) return;
    const std::vector<std::uint8_t> bytes = std::exchange(link.output, {});
    const std::size_t taken = bytes.empty() ? 0 : on_bytes(*fleet_, client, bytes, now);
    EXPECT_EQ(taken, bytes.size());
    if (link.is_open && (link.said_disconnect || link.is_closed_by_server)) {
      server.lose(client);
      on_closed(*fleet_, client, "closed", now);
    }
  }

  plan plan_;
  std::unique_ptr<core::fleet> fleet_;
};

inline std::uint64_t faults_of(const results& found, fault_kind kind) {
  return found.audit.counts[static_cast<std::size_t>(kind)];
}

}  // namespace headgate::loadtest::core
