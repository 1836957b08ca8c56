#include "tests/sim/server.hpp"

#include <algorithm>

#include "proxy/gateway/events.hpp"
#include "proxy/gateway/group_holding.hpp"
#include "session-store/memory_session_store.hpp"
#include "shard-router/changes.hpp"
#include "tests/support/gauges.hpp"

namespace headgate::sim {

// A log that tells the model what it takes.
class server::watched_log final : public broker::log::log_store {
 public:
  watched_log(std::uint64_t max_bytes, std::uint32_t id, bool later, base::waker& waker, book& book)
      : log_(max_bytes, 0, &waker, id), later_(later), book_(book) {}

  std::uint32_t id() const override { return log_.id(); }
  broker::log::offset start() const override { return log_.start(); }
  broker::log::offset end() const override { return log_.end(); }
  broker::log::offset committed() const override {
    const auto committed = log_.committed();
    book_.told(*this, committed);
    return committed;
  }
  void append(broker::log::batch_ref batch) override {
    book_.logged(*this, batch.header());
    log_.append(std::move(batch));
    if (!later_) log_.commit();
  }
  broker::log::offset flush(base::instant now) override { return log_.flush(now); }
  broker::log::read_result read(broker::log::offset from) override {
    auto found = log_.read(from);
    if (!found.later || later_) return found;
    log_.answer_reads();
    return log_.read(from);
  }

  std::uint64_t bytes() const override { return log_.bytes(); }

  bool owes() const { return log_.committed() < log_.end() || log_.open_reads() > 0; }
  void commit() { log_.commit(); }
  void answer_reads() { log_.answer_reads(); }

 private:
  broker::tests::later_log log_;
  bool later_;
  book& book_;
};

server_shape draw_shape(tests::dice& dice, bool small_log) {
  server_shape shape;
  shape.workers = 1 + dice.below(3);
  const auto clusters = 1 + dice.below(3);
  static constexpr const char* names[] = {"main", "north", "south"};
  for (std::uint32_t n = 0; n < clusters; ++n) {
    shape.clusters.push_back({names[n], 1 + dice.below(3), 1 + dice.below(2)});
  }
  shape.key_levels = dice.below(3);
  auto& limits = shape.limits;
  limits.max_inflight = static_cast<std::uint16_t>(dice.one_in(3) ? 1024 : 2 + dice.below(20));
  limits.inflight_in = static_cast<std::uint16_t>(3 + dice.below(20));
  limits.max_output_bytes = dice.one_in(2) ? 1024 * 1024 : 200 + dice.below(4000);
  limits.topic_entries = dice.one_in(2) ? 1'000'000 : 4;
  if (small_log) limits.log_memory_bytes = 300 * 1024;
  shape.logs_later = dice.one_in(2);
  shape.sessions_later = dice.one_in(2);
  shape.retained_later = dice.one_in(2);
  shape.doors_later = dice.one_in(3);
  return shape;
}

server::server(const server_shape& shape, tests::dice& dice, book& book, trace& trace)
    : shape_(shape), dice_(dice), book_(book), complaints_(trace) {
  map_ = *shard_router::make_shard_map(shape.clusters);
  for (std::size_t n = 0; n < shape.workers; ++n) {
    bells_.push_back(std::make_unique<bell>());
    wakers_.push_back(bells_.back().get());
    networks_.push_back(std::make_unique<network>(dice, clock_));
  }
  exchange_ = std::make_unique<worker::handover::exchange>(wakers_);
  process_.reset(new worker::process{shape_.limits, map_, shape.key_levels, *exchange_, dice.bits()});
  asleep_.assign(shape.workers, false);
  for (std::size_t n = 0; n < shape.workers; ++n) {
    workers_.push_back(std::make_unique<worker::worker>(
        *process_, base::worker_id{static_cast<std::uint16_t>(n)},
        worker::worker::ports{*networks_[n], *networks_[n], clock_, *bells_[n], complaints_}, engines_of(n),
        dice.bits()));
  }
}

server::~server() = default;

worker::engines server::engines_of(std::size_t worker) {
  return {
      [this, worker](base::shard_id shard, base::mailbox&) {
        auto log = std::make_unique<watched_log>(shape_.limits.log_memory_bytes, shard.value + 1U, shape_.logs_later,
                                                 *bells_[worker], book_);
        logs_.push_back(log.get());
        return log;
      },
      [this](base::shard_id, const broker::log::log_store&, base::mailbox&) {
        using broker::tests::applying;
        auto store = std::make_unique<broker::tests::later_retained_store>(
            shape_.limits.retained_memory_bytes, shape_.retained_later ? applying::seen_at_once : applying::at_once);
        retained_.push_back(store.get());
        return store;
      },
      [this](session_store::answers& answers, base::mailbox&) -> std::unique_ptr<session_store::session_store> {
        if (!shape_.sessions_later) {
          return std::make_unique<session_store::memory_session_store>(answers, clock_);
        }
        auto store = std::make_unique<tests::later_session_store>(answers, dice_.bits(), [this](auto& inner) {
          return std::make_unique<session_store::memory_session_store>(inner, clock_);
        });
        sessions_.push_back(store.get());
        return store;
      },
      [this](base::mailbox&) {
        auto door = std::make_unique<headgate::tests::later_authenticator>(shape_.doors_later);
        doors_.push_back(door.get());
        return door;
      },
      [this] {
        auto listed = std::make_unique<headgate::tests::listed_rights>(nullptr);
        rights_.push_back(listed.get());
        return listed;
      },
  };
}

// In the worker's thread, as an engine of another thread would: by a letter.
void server::deliver(std::size_t worker, std::size_t at_most) {
  auto* store = shape_.sessions_later ? sessions_[worker] : nullptr;
  auto* door = doors_[worker];
  if ((store == nullptr || store->pending() == 0) && door->pending() == 0) return;
  workers_[worker]->letters().post([this, store, door, at_most] {
    for (auto left = at_most; left > 0 && door->pending() > 0; --left) door->deliver(dice_.below(door->pending()));
    for (auto left = at_most; left > 0 && store != nullptr && store->deliver_one(); --left) {
    }
  });
}

void server::turn(std::size_t worker) {
  if (!dice_.one_in(3)) deliver(worker, 1 + dice_.below(4));
  bells_[worker]->rung = false;
  asleep_[worker] = false;
  workers_[worker]->turn();
  check_gauges(worker);
}

void server::change_rights(const std::shared_ptr<const tests::denials>& rules) {
  for (std::size_t n = 0; n < workers_.size(); ++n) {
    workers_[n]->letters().post([this, n, rules] {
      rights_[n]->set(rules);
      proxy::gateway::on_rights_changed(workers_[n]->gateway());
    });
    turn(n);
  }
}

// The numbers that a gateway keeps agree with its sessions.
void server::check_gauges(std::size_t worker) const {
  const auto faults = tests::gauge_faults(workers_[worker]->gateway());
  if (!faults.empty()) throw violation("gauges of worker " + std::to_string(worker) + ": " + faults);
}

void server::answer_something() {
  const auto shard = dice_.below(logs_.size());
  switch (dice_.below(4)) {
    case 0:
    case 1:
      return logs_[shard]->commit();
    case 2:
      return logs_[shard]->answer_reads();
    default:
      retained_[shard]->catch_up();
      return retained_[shard]->answer(1 + dice_.below(3));
  }
}

bool server::answer_all() {
  bool owed = false;
  for (auto* log : logs_) {
    if (!log->owes()) continue;
    owed = true;
    log->commit();
    log->answer_reads();
  }
  for (auto* store : retained_) {
    owed |= store->owes();
    store->catch_up();
    store->answer(1000);
  }
  for (const auto* store : sessions_) owed |= store->pending() > 0;
  for (const auto* door : doors_) owed |= door->pending() > 0;
  return owed;
}

// Who has had a turn in which there was nothing to do sleeps until something wakes him.
bool server::turn_all() {
  const bool owed = answer_all();
  bool busy = owed;
  for (std::size_t n = 0; n < workers_.size(); ++n) {
    const bool called = owed || bells_[n]->rung || networks_[n]->has_input();
    if (!called && asleep_[n]) continue;
    busy = true;
    deliver(n, 1000);
    bells_[n]->rung = false;
    workers_[n]->turn();
    check_gauges(n);
    const base::worker_id id{static_cast<std::uint16_t>(n)};
    asleep_[n] = !called && networks_[n]->last_timeout_ms != 0 && exchange_->may_sleep(id);
  }
  return busy;
}

void server::advance_ms(std::uint64_t ms) {
  clock_.advance_ms(ms);
  asleep_.assign(workers_.size(), false);
}

void server::turn_until_quiet() {
  for (int left = 10'000; turn_all(); --left) {
    if (left == 0) throw violation("the server never comes to rest");
  }
}

worker::worker_view server::view() const {
  worker::worker_view sum;
  for (const auto& worker : workers_) {
    const auto view = worker->view();
    sum.gateway.clients += view.gateway.clients;
    sum.gateway.takeovers_forced += view.gateway.takeovers_forced;
    sum.gateway.lost_below_log_start += view.gateway.lost_below_log_start;
    sum.gateway.lost_inflight += view.gateway.lost_inflight;
    sum.gateway.refused_malformed += view.gateway.refused_malformed;
    sum.gateway.stored_unreadable += view.gateway.stored_unreadable;
    sum.gateway.waiting += view.gateway.waiting;
    sum.gateway.sessions_resumed += view.gateway.sessions_resumed;
    sum.shard.group_lost_offsets += view.shard.group_lost_offsets;
  }
  return sum;
}

bool server::holds_any() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) {
    const auto& sessions = worker->gateway().sessions;
    for (std::uint32_t client = 0; client < sessions.size(); ++client) {
      if (proxy::gateway::held_by(worker->gateway(), client) > 0) return true;
    }
    return false;
  });
}

}  // namespace headgate::sim
