#include "session-store/embedded/store_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "session-store/embedded/open_table.hpp"

namespace headgate::session_store::embedded {
namespace {

using steady = std::chrono::steady_clock;
constexpr std::uint32_t untold = 0xffff'ffff;  // the number of a job that nobody waits for

struct job {
  std::uint32_t engine = 0;
  std::uint32_t number = untold;
  work what;
};
struct told {
  std::uint32_t number = 0;
  embedded::outcome outcome;
};

// Where the outcomes of an engine go. `to` belongs to the engine's thread: nullptr once it has left.
struct desk {
  base::mailbox* letters = nullptr;
  std::shared_ptr<outcomes*> to;
  std::size_t open = 0;  // jobs submitted and not told
  bool leaving = false;
};

bool is_sweep(const job& job) {
  return std::holds_alternative<sweep_job>(job.what);
}
// Whether it waits for a store that is away.
bool is_patient(const job& job) {
  if (const auto* put = std::get_if<put_job>(&job.what)) return !put->is_claim;
  return !is_sweep(job) && !std::holds_alternative<take_job>(job.what);
}
outcome refusal_of(const job& job) {
  if (std::holds_alternative<take_job>(job.what)) {
    taken refused;
    refused.what = claimed::outcome::unavailable;
    return refused;
  }
  if (is_sweep(job)) return swept_out{};
  return written{.done = false};
}

}  // namespace

struct store_thread::state {
  state(store_thread::options options, opened_table opened)
      : options(std::move(options)), table(std::move(opened.table)), ids(std::move(opened.ids)) {
    desks.resize(this->options.engines);
    outbox.resize(this->options.engines);
  }

  void start();
  void stop();
  void run();
  bool next(std::vector<job>& jobs);
  void serve(std::vector<job>& jobs);
  outcome do_one(const job& job);
  void do_sweep(job& job);
  bool commit();
  void go_away(std::vector<job>& jobs);
  void wait_or_refuse(std::vector<job>& jobs);
  void try_again();
  void drop_leaving();
  void tell(const job& job, outcome&& outcome);
  void send();
  void say(std::string_view sentence) const {
    if (options.tell) options.tell(sentence);
  }

  const store_thread::options options;

  // The store thread's alone.
  embedded::table table;
  changes batch;
  std::vector<std::vector<told>> outbox;  // by engine
  std::vector<job> stuck;                 // what waits for a store that is away
  steady::time_point tried;
  bool away = false;

  mutable std::mutex mutex;  // of all that follows
  std::condition_variable has_work;
  std::condition_variable has_told;
  std::vector<job> queue;
  std::vector<desk> desks;
  std::vector<stored_ids> ids;
  store_thread_view counted;
  bool stopped = false;

  std::thread thread;
};

void store_thread::state::start() {
  thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "headgate-store");
    run();
  });
}

void store_thread::state::stop() {
  {
    const std::lock_guard lock(mutex);
    stopped = true;
  }
  has_work.notify_all();
  thread.join();
}

void store_thread::state::run() {
  std::vector<job> jobs;
  while (next(jobs)) {
    if (away) {
      wait_or_refuse(jobs);
    } else {
      serve(jobs);
    }
    send();
    jobs.clear();
  }
  if (!stuck.empty()) try_again();
}

// Waits for jobs, or for the time to try again; false: it has stopped and nothing is left to do.
bool store_thread::state::next(std::vector<job>& jobs) {
  std::unique_lock lock(mutex);
  const auto ready = [&] { return stopped || !queue.empty(); };
  if (away) {
    has_work.wait_until(lock, tried + std::chrono::milliseconds(options.retry_ms), ready);
  } else {
    has_work.wait(lock, ready);
  }
  if (stopped && queue.empty()) return false;
  jobs.swap(queue);
  counted.jobs += jobs.size();
  return true;
}

// One batch for all but the sweeps, which have to see what it changes.
void store_thread::state::serve(std::vector<job>& jobs) {
  const auto sweeps = std::stable_partition(jobs.begin(), jobs.end(), [](const job& job) { return !is_sweep(job); });
  std::vector<outcome> outcomes;
  outcomes.reserve(static_cast<std::size_t>(sweeps - jobs.begin()));
  for (auto job = jobs.begin(); job != sweeps; ++job) outcomes.push_back(do_one(*job));
  if (!commit()) return go_away(jobs);
  for (std::size_t n = 0; n < outcomes.size(); ++n) tell(jobs[n], std::move(outcomes[n]));
  for (auto job = sweeps; job != jobs.end(); ++job) do_sweep(*job);
}

outcome store_thread::state::do_one(const job& job) {
  return std::visit([&](const auto& what) -> outcome { return embedded::run(table, what, job.engine, batch); },
                    job.what);
}

void store_thread::state::do_sweep(job& job) {
  if (away) return tell(job, swept_out{});
  auto due_before = table.due_from[job.engine];
  auto given_before = table.given_from[job.engine];
  auto outcome = do_one(job);
  if (commit()) return tell(job, std::move(outcome));
  table.due_from[job.engine] = std::move(due_before);
  table.given_from[job.engine] = std::move(given_before);
  std::vector<embedded::job> alone;
  alone.push_back(std::move(job));
  go_away(alone);
}

bool store_thread::state::commit() {
  const bool well = batch.empty() || table.store->write(batch);
  const std::lock_guard lock(mutex);
  counted.batches += well && !batch.empty() ? 1 : 0;
  counted.failures += well ? 0 : 1;
  counted.unreadable = table.unreadable;
  batch.clear();
  return well;
}

// Of these jobs nothing is known to be written.
void store_thread::state::go_away(std::vector<job>& jobs) {
  away = true;
  tried = steady::now();
  say("the session store cannot be written (" + table.store->problem() +
      "): clients whose sessions are stored cannot connect, and what is to be stored waits, until it can be");
  wait_or_refuse(jobs);
}

void store_thread::state::wait_or_refuse(std::vector<job>& jobs) {
  for (auto& job : jobs) {
    if (is_patient(job)) {
      stuck.push_back(std::move(job));
      continue;
    }
    tell(job, refusal_of(job));
    // A first claim that may have been written all the same must not come to light as a session.
    const auto* put = std::get_if<put_job>(&job.what);
    if (put == nullptr) continue;
    stuck.push_back({job.engine, untold, erase_job{put->client_id, put->value.due_ms(), put->value.has_will}});
  }
  if (steady::now() - tried >= std::chrono::milliseconds(options.retry_ms)) try_again();
  const std::lock_guard lock(mutex);
  counted.away = away ? 1 : 0;
  counted.waiting = stuck.size();
}

// What waits reads nothing, so it can be done again as often as it takes.
void store_thread::state::try_again() {
  tried = steady::now();
  std::vector<outcome> outcomes;
  for (const auto& job : stuck) outcomes.push_back(do_one(job));
  if (!table.store->recover() || !commit()) {
    batch.clear();
    return drop_leaving();
  }
  away = false;
  for (std::size_t n = 0; n < outcomes.size(); ++n) tell(stuck[n], std::move(outcomes[n]));
  stuck.clear();
  say("the session store is written again");
}

// Nobody waits for a store that is away in order to end.
void store_thread::state::drop_leaving() {
  {
    const std::lock_guard lock(mutex);
    const auto gone = std::remove_if(stuck.begin(), stuck.end(), [&](const job& job) {
      if (!desks[job.engine].leaving) return false;
      if (job.number != untold) --desks[job.engine].open;
      return true;
    });
    stuck.erase(gone, stuck.end());
  }
  has_told.notify_all();
}

void store_thread::state::tell(const job& job, outcome&& outcome) {
  if (job.number != untold) outbox[job.engine].push_back({job.number, std::move(outcome)});
}

// One letter an engine.
void store_thread::state::send() {
  for (std::uint32_t engine = 0; engine < outbox.size(); ++engine) {
    if (outbox[engine].empty()) continue;
    auto all = std::make_shared<std::vector<told>>(std::move(outbox[engine]));
    outbox[engine].clear();
    base::mailbox* letters = nullptr;
    std::shared_ptr<outcomes*> to;
    {
      const std::lock_guard lock(mutex);
      letters = desks[engine].letters;
      to = desks[engine].to;
    }
    const auto count = all->size();
    letters->post([all = std::move(all), to = std::move(to)] {
      for (auto& one : *all) {
        if (*to != nullptr) (*to)->on_outcome(one.number, std::move(one.outcome));
      }
    });
    {
      const std::lock_guard lock(mutex);
      desks[engine].open -= count;
    }
    has_told.notify_all();
  }
}

store_thread::store_thread(std::unique_ptr<state> state) : state_(std::move(state)) {
  state_->start();
}

base::result<std::unique_ptr<store_thread>, std::string> store_thread::open(options options) {
  auto opened = open_table({options.directory, options.sync, options.env}, options.engines, options.now.wall.value);
  if (!opened) return opened.error();
  return std::unique_ptr<store_thread>(
      new store_thread(std::make_unique<state>(std::move(options), std::move(*opened))));
}

store_thread::~store_thread() {
  state_->stop();
}

stored_ids store_thread::enter(std::uint32_t engine, base::mailbox& letters, outcomes& outcomes) {
  const std::lock_guard lock(state_->mutex);
  auto& desk = state_->desks.at(engine);
  HEADGATE_ASSERT(desk.letters == nullptr);
  desk.letters = &letters;
  desk.to = std::make_shared<embedded::outcomes*>(&outcomes);
  return std::move(state_->ids[engine]);
}

void store_thread::leave(std::uint32_t engine) {
  std::unique_lock lock(state_->mutex);
  auto& desk = state_->desks[engine];
  desk.leaving = true;
  state_->has_told.wait(lock, [&] { return desk.open == 0; });
  *desk.to = nullptr;
}

void store_thread::submit(std::uint32_t engine, std::uint32_t number, work&& what) {
  bool is_first = false;
  {
    const std::lock_guard lock(state_->mutex);
    is_first = state_->queue.empty();
    state_->queue.push_back({engine, number, std::move(what)});
    ++state_->desks[engine].open;
  }
  if (is_first) state_->has_work.notify_one();
}

std::uint64_t store_thread::life() const {
  return state_->table.life;
}

base::instant store_thread::started() const {
  return state_->options.now;
}

store_thread_view store_thread::view() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counted;
}

}  // namespace headgate::session_store::embedded
