#include "tests/sim/server.hpp"

#include <algorithm>

#include "proxy/gateway/events.hpp"
#include "proxy/gateway/group_holding.hpp"
#include "session-store/memory_session_store.hpp"
#include "shard-router/changes.hpp"
#include "tests/support/gauges.hpp"

namespace headgate::sim {

namespace {

// A log in memory that commits and answers at once.
class prompt_log final : public watched_log {
 public:
  // `log` is owned by `owned`.
  prompt_log(broker::tests::later_log& log, std::unique_ptr<broker::log::log_store> owned, base::shard_id shard,
             book& book, const lifeline& life)
      : watched_log(std::move(owned), shard, book, life), log_(log) {}

  void append(broker::log::batch_ref batch) override {
    watched_log::append(std::move(batch));
    log_.commit();
  }
  broker::log::read_result read(broker::log::offset from) override {
    auto found = log_.read(from);
    if (!found.later) return found;
    log_.answer_reads();
    return log_.read(from);
  }

 private:
  broker::tests::later_log& log_;
};

bool owes(const broker::tests::later_log& log) {
  return log.committed() < log.end() || log.open_reads() > 0;
}

// Small segments and little memory, so that a run has many of both.
void draw_log(tests::dice& dice, broker::log::segmented_log_options& log) {
  log.commit = dice.one_in(3) ? broker::log::commit_policy::os : broker::log::commit_policy::disk;
  log.segment_bytes = 2048 + dice.below(30'000);
  log.segment_topics = dice.one_in(4) ? 1 + dice.below(4) : 1'000'000;
  log.tail_bytes = dice.one_in(2) ? 8192 : 1024 * 1024;
  log.read_bytes = (dice.one_in(2) ? 1 : 8) * 1024 * 1024;
  log.places_bytes = dice.one_in(2) ? 64 * 1024 : 1024 * 1024;
}

}  // namespace

server_shape draw_shape(tests::dice& dice, bool small_log, bool is_mortal) {
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
  shape.is_mortal = is_mortal;
  if (is_mortal) draw_log(dice, shape.log);
  return shape;
}

server::server(const server_shape& shape, tests::dice& dice, book& book, trace& trace)
    : shape_(shape), dice_(dice), book_(book), complaints_(trace), machine_(shape.log, dice, life_) {
  map_ = *shard_router::make_shard_map(shape.clusters);
  for (std::size_t n = 0; n < shape.workers; ++n) networks_.push_back(std::make_unique<network>(dice, clock_, life_));
  if (shape_.is_mortal) machine_.set_size(map_.shard_count(), shape.workers);
  make_workers();
}

server::~server() = default;

void server::make_workers() {
  if (shape_.is_mortal) machine_.begin_process(clock_.ms());
  for (std::size_t n = 0; n < shape_.workers; ++n) {
    bells_.push_back(std::make_unique<bell>());
    wakers_.push_back(bells_.back().get());
  }
  exchange_ = std::make_unique<worker::handover::exchange>(wakers_);
  process_.reset(new worker::process{shape_.limits, map_, shape_.key_levels, *exchange_, dice_.bits()});
  asleep_.assign(shape_.workers, false);
  for (std::size_t n = 0; n < shape_.workers; ++n) {
    workers_.push_back(std::make_unique<worker::worker>(
        *process_, base::worker_id{static_cast<std::uint16_t>(n)},
        worker::worker::ports{*networks_[n], *networks_[n], clock_, *bells_[n], complaints_}, engines_of(n),
        dice_.bits()));
  }
}

worker::engines server::engines_of(std::size_t worker) {
  return {
      [this, worker](base::shard_id shard, base::mailbox& letters) { return make_log(worker, shard, letters); },
      [this](base::shard_id shard, const broker::log::log_store&, base::mailbox&) { return make_retained(shard); },
      [this, worker](session_store::answers& answers, base::mailbox&) { return make_sessions(worker, answers); },
      [this](base::mailbox&) {
        auto door = std::make_unique<headgate::tests::later_authenticator>(shape_.doors_later);
        doors_.push_back(door.get());
        return door;
      },
      [this] {
        auto listed = std::make_unique<headgate::tests::listed_rights>(rules_);
        rights_.push_back(listed.get());
        return listed;
      },
  };
}

std::unique_ptr<broker::log::log_store> server::make_log(std::size_t worker, base::shard_id shard,
                                                         base::mailbox& letters) {
  if (shape_.is_mortal) {
    return std::make_unique<watched_log>(machine_.open_log(shard, letters, complaints_), shard, book_, life_);
  }
  auto log = std::make_unique<broker::tests::later_log>(shape_.limits.log_memory_bytes, 0, bells_[worker].get(),
                                                        shard.value + 1U);
  auto& made = *log;
  logs_.push_back(&made);
  if (!shape_.logs_later) return std::make_unique<prompt_log>(made, std::move(log), shard, book_, life_);
  return std::make_unique<watched_log>(std::move(log), shard, book_, life_);
}

std::unique_ptr<broker::shard::retained_store> server::make_retained(base::shard_id shard) {
  using broker::tests::applying;
  const auto when = shape_.retained_later ? applying::seen_at_once : applying::at_once;
  const auto most = shape_.limits.retained_memory_bytes;
  if (shape_.is_mortal) {
    auto store = std::make_unique<broker::tests::mortal_retained_store>(most, when, machine_.retained(shard));
    retained_.push_back(&store->inner());
    return store;
  }
  auto store = std::make_unique<broker::tests::later_retained_store>(most, when);
  retained_.push_back(store.get());
  return store;
}

std::unique_ptr<session_store::session_store> server::make_sessions(std::size_t worker,
                                                                    session_store::answers& answers) {
  const auto make = [this, worker](session_store::answers& to) -> std::unique_ptr<session_store::session_store> {
    if (!shape_.is_mortal) return std::make_unique<session_store::memory_session_store>(to, clock_);
    return std::make_unique<tests::mortal_session_store>(to, clock_, machine_.sessions(worker));
  };
  if (!shape_.sessions_later) return make(answers);
  auto store = std::make_unique<tests::later_session_store>(answers, dice_.bits(), make);
  sessions_.push_back(store.get());
  return store;
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
  if (is_dead()) return;
  if (!dice_.one_in(3)) deliver(worker, 1 + dice_.below(4));
  bells_[worker]->rung = false;
  asleep_[worker] = false;
  workers_[worker]->turn();
  check_gauges(worker);
}

void server::change_rights(const std::shared_ptr<const tests::denials>& rules) {
  rules_ = rules;
  if (is_dead()) return;
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
  if (is_dead()) return;
  const auto faults = tests::gauge_faults(workers_[worker]->gateway());
  if (!faults.empty()) throw violation("gauges of worker " + std::to_string(worker) + ": " + faults);
}

void server::answer_something() {
  if (is_dead()) return;
  const auto shard = dice_.below(map_.shard_count());
  switch (dice_.below(4)) {
    case 0:
    case 1:
      if (shape_.is_mortal) return work(shard);
      return logs_[shard]->commit();
    case 2:
      if (shape_.is_mortal) return machine_.set_cold(shard, dice_.one_in(2));
      logs_[shard]->answer_reads();
      return;
    default:
      retained_[shard]->catch_up();
      return retained_[shard]->answer(1 + dice_.below(3));
  }
}

void server::work(std::size_t shard) {
  for (auto left = 1 + dice_.below(4); left > 0 && machine_.work(shard); --left) {
  }
}

bool server::answer_all() {
  bool owed = machine_.work_all();
  for (auto* log : logs_) {
    if (!owes(*log)) continue;
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
  if (is_dead()) return false;
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
    if (is_dead()) return false;
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

std::string server::leftovers() const {
  std::size_t wills = 0;
  std::size_t releases = 0;
  std::size_t given = 0;
  for (std::size_t n = 0; n < workers_.size(); ++n) {
    const auto& state = workers_[n]->gateway();
    wills += state.wills.in_use();
    releases += state.releases.in_use() + state.held_back.size();
    if (shape_.is_mortal) given += machine_.sessions(n).given_wills.size();
  }
  if (wills + releases + given == 0) return {};
  return "left over: " + std::to_string(wills) + " wills, " + std::to_string(releases) + " releases, " +
         std::to_string(given) + " wills given by the store";
}

void server::stop() {
  if (is_dead()) return;
  for (auto& worker : workers_) worker->stop();
  for (bool any = true; any && !is_dead();) {
    any = false;
    answer_all();
    for (std::size_t n = 0; n < workers_.size() && !is_dead(); ++n) {
      deliver(n, 1000);
      any |= workers_[n]->go_on();
    }
  }
}

// What is still under way does its work as its makers go, to no effect if the process is dead.
void server::bury(bool power) {
  workers_.clear();
  doors_.clear();
  rights_.clear();
  sessions_.clear();
  retained_.clear();
  process_.reset();
  exchange_.reset();
  wakers_.clear();
  bells_.clear();
  life_.end();
  for (auto& network : networks_) network->end_all();
  machine_.end_process(power);
}

bool server::start() {
  life_.begin();
  return start_to_the_end();
}

bool server::start(std::uint32_t effects) {
  life_.end_after(effects);
  return start_to_the_end();
}

bool server::start_to_the_end() {
  started_ms_ = clock_.ms();
  try {
    make_workers();
  } catch (const killed_in_start&) {
  }
  return !is_dead();
}

std::vector<std::uint32_t> server::look_for_lost() {
  std::vector<std::uint32_t> lost;
  for (std::uint16_t n = 0; n < map_.shard_count(); ++n) {
    const base::shard_id shard{n};
    for (const auto message : book_.found(shard, machine_.read_log(shard, book_))) lost.push_back(message);
  }
  return lost;
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
