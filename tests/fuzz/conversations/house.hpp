#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "proxy/gateway/events.hpp"
#include "shard-router/changes.hpp"
#include "tests/fuzz/conversations/script.hpp"
#include "tests/fuzz/conversations/watched_network.hpp"
#include "tests/support/gauges.hpp"
#include "tests/support/later_authenticator.hpp"
#include "tests/support/listed_rights.hpp"
#include "tests/unit/worker/late_engines.hpp"
#include "worker/worker.hpp"

namespace headgate::fuzz {

// What the first bytes of the script decide about the server.
struct shape {
  bool two_workers = false;
  bool later = false;  // the engines complete later
  base::limits limits;
};

inline base::limits drawn_limits(script& script) {
  base::limits limits;
  limits.max_inflight = script.one_of<std::uint16_t>({1024, 2, 5});
  limits.inflight_in = script.one_of<std::uint16_t>({1024, 3, 1});
  limits.max_output_bytes = script.one_of<std::uint32_t>({1024 * 1024, 300, 4000});
  limits.topic_aliases = script.one_of<std::uint16_t>({64, 2, 0});
  limits.topic_entries = script.one_of<std::uint32_t>({1'000'000, 2});
  limits.max_subscriptions = script.one_of<std::uint32_t>({100'000, 3});
  limits.max_packet_bytes = script.one_of<std::uint32_t>({1024 * 1024, 100});
  limits.log_memory_bytes = script.one_of<std::uint64_t>({64ULL * 1024 * 1024, 300 * 1024});
  limits.retained_memory_bytes = script.one_of<std::uint64_t>({64ULL * 1024 * 1024, 1000});
  limits.max_stored_sessions = script.one_of<std::uint32_t>({0, 0, 1});
  return limits;
}

inline shape drawn_shape(script& script) {
  const auto flags = script.byte();
  shape shape{(flags & 1) != 0, (flags & 2) != 0, {}};
  if ((flags & 4) != 0) shape.limits = drawn_limits(script);
  return shape;
}

// A whole server, one or two workers with two shards in two clusters, in one thread.
class house {
 public:
  explicit house(const shape& shape)
      : limits_(shape.limits),
        later_(shape.later),
        wakers_(shape.two_workers ? 2 : 1, &waker_),
        exchange_(wakers_),
        process_{limits_, map(), 0, exchange_, 77, false} {
    common_.max_inflight = limits_.max_inflight;
    for (std::size_t n = 0; n < wakers_.size(); ++n) members_.push_back(std::make_unique<member>(*this, n));
  }

  std::size_t workers() const { return members_.size(); }
  watched_network& network(std::size_t worker) { return members_[worker]->network; }
  common_knowledge& common() { return common_; }

  // One turn of each worker, in which some of what is owed may come.
  void turn() {
    complete_some();
    for (auto& member : members_) turn(*member);
  }
  void turn_until_quiet() {
    for (int left = 100'000; !is_quiet() || complete_some(); --left) HEADGATE_ASSERT(left > 0);
  }
  bool complete_some() {
    bool owed = false;
    if (!later_) return owed;
    for (auto& member : members_) owed |= member->late.complete_some(*member->worker);
    return owed;
  }
  void advance_ms(std::uint64_t ms) { clock_.advance_ms(ms); }

  // Of what the script draws, what may change while a server runs does.
  void set_limits(const base::limits& changed) {
    common_.max_inflight = std::max<std::size_t>(common_.max_inflight, changed.max_inflight);
    for (auto& member : members_) member->worker->set_limits(changed);
  }
  // Null: no rules.
  void change_rights(const std::shared_ptr<const tests::denials>& rules) {
    for (auto& member : members_) {
      member->worker->letters().post([member = member.get(), rules] {
        member->rights->set(rules);
        proxy::gateway::on_rights_changed(member->worker->gateway());
      });
    }
  }
  void change_users(const std::string& name) {
    for (auto& member : members_) {
      member->worker->letters().post(
          [member = member.get(), name] { proxy::gateway::on_users_changed(member->worker->gateway(), {name}); });
    }
  }

  // After a rest: nobody waits for a shard still.
  void check_answered() const {
    for (const auto& member : members_) {
      const auto& state = member->worker->gateway();
      HEADGATE_ASSERT(state.subscribes.in_use() == 0 && state.routes.in_use() == 0);
    }
  }

  // After everybody has gone, and no session is left.
  void check_empty() const {
    for (const auto& member : members_) {
      const auto view = member->worker->view();
      const auto& gateway = view.gateway;
      HEADGATE_ASSERT(gateway.clients == 0 && gateway.filters == 0 && gateway.subscriptions == 0);
      HEADGATE_ASSERT(gateway.connects_pending == 0 && gateway.subscribes_pending == 0);
      HEADGATE_ASSERT(gateway.shared_subscriptions == 0 && gateway.publishes_unacknowledged == 0);
      HEADGATE_ASSERT(gateway.sessions_waiting == 0 && gateway.sessions_behind == 0);
      HEADGATE_ASSERT(gateway.tail_bytes == 0 && gateway.output_pending_bytes == 0);
      HEADGATE_ASSERT(gateway.stored_unreadable == 0);
      HEADGATE_ASSERT(view.store.held == 0 && view.store.kept == 0);
      HEADGATE_ASSERT(view.shard.questions_waiting == 0 && view.shard.undelivered_bytes == 0);
      HEADGATE_ASSERT(view.shard.delivered == view.shard.log_end && view.parcels_waiting == 0);
      const auto& state = member->worker->gateway();
      HEADGATE_ASSERT(state.answers.in_use() == 0 && state.releases.in_use() == 0 && state.held_back.empty());
      HEADGATE_ASSERT(state.routes.in_use() == 0 && state.scans.in_use() == 0 && state.unsaved.empty());
    }
  }

 private:
  struct member {
    member(house& house, std::size_t number)
        : network(house.common_),
          late(number + 1),
          worker(std::make_unique<worker::worker>(
              house.process_, base::worker_id{static_cast<std::uint16_t>(number)},
              worker::worker::ports{network, network, house.clock_, house.waker_, house.log_}, engines_of(house),
              number + 1)) {}

    worker::engines engines_of(house& house) {
      const auto lets_in = [](const proxy::gateway::credentials& asked) {
        const bool known = asked.user_name != "stranger";
        return known ? mqtt::reason_code::success : mqtt::reason_code::not_authorized;
      };
      late.judge = lets_in;
      auto made = worker::memory_engines(house.limits_, house.clock_);
      made.door = [lets_in](base::mailbox&) { return std::make_unique<tests::later_authenticator>(false, lets_in); };
      if (house.later_) made = late.make(house.limits_, house.clock_);
      made.rights = [this] {
        auto listed = std::make_unique<tests::listed_rights>(nullptr);
        rights = listed.get();
        return listed;
      };
      return made;
    }

    watched_network network;
    worker::testing::late_engines late;
    tests::listed_rights* rights = nullptr;  // the worker's
    std::unique_ptr<headgate::worker::worker> worker;
  };
  class silence final : public base::log_sink {
   public:
    void write(const base::log_line& line) override { HEADGATE_ASSERT(!line.event.empty() && !line.text.empty()); }
  };

  // Made once: it takes longer than a whole script.
  static const shard_router::shard_map& map() {
    static const auto made = *shard_router::make_shard_map({{"main", 1, 1}, {"other", 1, 1}});
    return made;
  }

  static void turn(member& member) {
    member.worker->turn();
    member.network.check_whole_packets();
    HEADGATE_ASSERT(tests::gauge_faults(member.worker->gateway()).empty());
  }
  // What the last worker sends in the first round is received in the second.
  bool is_quiet() {
    bool quiet = true;
    for (int round = 0; round < 2; ++round) {
      for (auto& member : members_) {
        turn(*member);
        quiet &= !member->network.is_busy();
      }
    }
    return quiet;
  }

  base::limits limits_;
  bool later_;
  common_knowledge common_;
  worker::testing::manual_clock clock_;
  worker::testing::silent_waker waker_;
  silence log_;
  std::vector<base::waker*> wakers_;
  worker::handover::exchange exchange_;
  worker::process process_;
  std::vector<std::unique_ptr<member>> members_;
};

}  // namespace headgate::fuzz
