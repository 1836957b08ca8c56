#include "broker/retained/retained_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "broker/retained/answering.hpp"
#include "broker/retained/open_shards.hpp"

namespace headgate::broker::retained {
namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A desk, and what the thread has of it.
struct shard_work {
  std::shared_ptr<retained::desk> desk;
  std::string name;
  changes taken;
  std::uint64_t taken_bytes = 0;
  std::vector<question> questions;  // taken, in order; stay while nothing can be read
  std::uint64_t kept_bytes = 0;     // while the store is away
  steady::time_point measured;
};

}  // namespace

struct retained_thread::state {
  explicit state(retained_thread::options options) : options(std::move(options)) {}

  void start();
  void stop();
  void run();
  bool wait_for_work(std::vector<std::shared_ptr<shard_work>>& works);
  bool take(shard_work& work);
  void write(shard_work& work);
  void keep(shard_work& work);
  bool answer_some(shard_work& work);
  void measure(shard_work& work);
  void finish(shard_work& work);
  void made_room(shard_work& work, std::uint64_t bytes);
  static void post(desk& desk, std::function<void()> letter);
  void go_away();
  void try_again(const std::vector<std::shared_ptr<shard_work>>& works);
  void say(std::string_view sentence) const {
    if (options.tell) options.tell(sentence);
  }

  const retained_thread::options options;
  const base::keyed_hash hash;

  // The thread's alone, once it runs.
  std::unique_ptr<rocks> store;
  steady::time_point tried;
  bool questions_left = false;

  std::atomic<bool> away = false;
  std::atomic<std::uint64_t> batches = 0;
  std::atomic<std::uint64_t> questions = 0;
  std::atomic<std::uint64_t> failures = 0;
  std::atomic<std::uint64_t> unreadable = 0;

  std::mutex mutex;  // of what follows
  std::condition_variable has_work;
  bool some = false;
  bool urgent = false;
  bool stopped = false;
  std::map<std::string, opened_shard, std::less<>> shards;  // those that nobody has entered
  std::uint32_t next_number = 1;
  std::vector<std::shared_ptr<shard_work>> entered_shards;

  std::thread thread;
};

void retained_thread::state::start() {
  thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "headgate-retain");
    run();
  });
}

void retained_thread::state::stop() {
  {
    const std::lock_guard lock(mutex);
    stopped = true;
  }
  has_work.notify_all();
  thread.join();
}

void retained_thread::state::run() {
  std::vector<std::shared_ptr<shard_work>> works;
  for (bool more = true; more;) {
    more = wait_for_work(works);
    for (auto& work : works) {
      if (take(*work)) write(*work);
    }
    const bool again = away && (!more || steady::now() - tried >= milliseconds(options.retry_ms));
    if (again) try_again(works);
    questions_left = false;
    for (auto& work : works) {
      questions_left |= answer_some(*work);
      finish(*work);
    }
  }
}

// Returns with all desks, if something may be on them, or none; false: it has stopped, this is the last time.
bool retained_thread::state::wait_for_work(std::vector<std::shared_ptr<shard_work>>& works) {
  std::unique_lock lock(mutex);
  const auto ready = [&] { return stopped || some || urgent; };
  if (questions_left) {
    urgent = true;
  } else if (away) {
    has_work.wait_until(lock, tried + milliseconds(options.retry_ms), ready);
  } else {
    has_work.wait(lock, ready);
  }
  has_work.wait_for(lock, milliseconds(options.gather_ms), [&] { return stopped || urgent || !some; });
  some = urgent = false;
  works = entered_shards;
  return !stopped;
}

// Whether there are changes.
bool retained_thread::state::take(shard_work& work) {
  auto& desk = *work.desk;
  stored_shard as_given{desk.number, desk.log_id, {}};
  {
    const std::lock_guard lock(desk.mutex);
    if (desk.left) return false;
    desk.busy = true;
    if (work.questions.empty()) {
      work.questions.swap(desk.questions);
    } else {
      std::move(desk.questions.begin(), desk.questions.end(), std::back_inserter(work.questions));
      desk.questions.clear();
    }
    if (!std::exchange(desk.given, false)) return false;
    std::swap(work.taken, desk.pending);
    as_given.applied = desk.applied;
  }
  work.taken_bytes = work.taken.bytes();
  work.taken.put(shard_key(work.name), encode(as_given));
  return true;
}

void retained_thread::state::write(shard_work& work) {
  if (!away && store->write(work.taken)) {
    ++batches;
    made_room(work, work.taken_bytes);
    measure(work);
  } else {
    if (!away) go_away();
    store->keep(work.taken);
    work.kept_bytes += work.taken_bytes;
  }
  work.taken.clear();
}

void retained_thread::state::made_room(shard_work& work, std::uint64_t bytes) {
  auto& desk = *work.desk;
  desk.waiting_bytes -= bytes;
  if (desk.wants_room.exchange(false)) post(desk, [] {});  // the shard looks again
}

void retained_thread::state::post(desk& desk, std::function<void()> letter) {
  const std::lock_guard lock(desk.mutex);
  if (!desk.left) desk.letters.post(std::move(letter));
}

void retained_thread::state::measure(shard_work& work) {
  const auto now = steady::now();
  if (now - work.measured < milliseconds(measure_ms)) return;
  work.measured = now;
  const auto number = work.desk->number;
  work.desk->stored_bytes = store->bytes_of(key_prefix(key_kind::topic, number), key_prefix(key_kind::value, number));
}

void retained_thread::state::go_away() {
  ++failures;
  away = true;
  tried = steady::now();
  say("the retained messages cannot be written (" + store->problem() +
      "): they are kept in memory, and in the log, until they can be");
}

void retained_thread::state::try_again(const std::vector<std::shared_ptr<shard_work>>& works) {
  tried = steady::now();
  if (!store->recover()) {
    ++failures;
    return;
  }
  away = false;
  say("the retained messages are written again");
  for (const auto& work : works) made_room(*work, std::exchange(work->kept_bytes, 0));
}

// For some milliseconds, then it is the turn of other shards, and of what was applied; whether questions are left.
bool retained_thread::state::answer_some(shard_work& work) {
  if (work.questions.empty() || !store->is_open()) return false;
  const auto until = steady::now() + milliseconds(answer_ms);
  auto& desk = *work.desk;
  std::uint64_t passed_over = 0;
  std::vector<found_values> found;
  auto next = work.questions.begin();
  do {
    found.push_back(answer(*store, desk.number, desk.log_id, *next, passed_over));
  } while (++next != work.questions.end() && steady::now() < until);
  work.questions.erase(work.questions.begin(), next);
  questions += found.size();
  if (passed_over > 0) {
    if (unreadable == 0) {
      say("some retained messages cannot be read and are passed over (" + store->problem() +
          "); the next ones of their topics take their places");
    }
    unreadable += passed_over;
    desk.unreadable += passed_over;
  }
  auto all = std::make_shared<std::vector<found_values>>(std::move(found));
  post(desk, [all = std::move(all), to = desk.to] {
    if (*to != nullptr) (*to)->on_found(std::move(*all));
  });
  return !work.questions.empty();
}

void retained_thread::state::finish(shard_work& work) {
  {
    const std::lock_guard lock(work.desk->mutex);
    work.desk->busy = false;
  }
  work.desk->done.notify_all();
}

retained_thread::retained_thread(std::unique_ptr<state> state) : state_(std::move(state)) {
  state_->start();
}

base::result<std::unique_ptr<retained_thread>, std::string> retained_thread::open(options options) {
  auto made = std::make_unique<state>(std::move(options));
  auto opened = open_shards({made->options.directory, made->options.env}, made->hash);
  if (!opened) return opened.error();
  made->store = std::move(opened->store);
  made->next_number = opened->next_number;
  for (auto& [name, shard] : opened->by_name) made->shards.emplace(name, std::move(shard));
  return std::unique_ptr<retained_thread>(new retained_thread(std::move(made)));
}

retained_thread::~retained_thread() {
  state_->stop();
}

retained_thread::entered retained_thread::enter(std::string_view shard, std::uint32_t log_id, base::mailbox& letters,
                                                asker& asker) {
  const std::lock_guard lock(state_->mutex);
  const auto& all = state_->entered_shards;
  HEADGATE_ASSERT(std::none_of(all.begin(), all.end(), [&](const auto& work) { return work->name == shard; }));
  auto found = state_->shards.find(shard);
  if (found == state_->shards.end()) {
    const stored_shard fresh{state_->next_number++, log_id, {}};
    found = state_->shards.emplace(shard, opened_shard{fresh, stored_topics(state_->hash)}).first;
  }
  auto opened = std::move(found->second);
  state_->shards.erase(found);
  // What another log says is kept, as older than all that this one has, which is given from its beginning.
  const auto applied = opened.stored.log_id == log_id ? opened.stored.applied : record::offset{0};
  auto desk = std::make_shared<retained::desk>(opened.stored.number, log_id, letters, asker);
  desk->applied = applied;
  auto work = std::make_shared<shard_work>();
  work->desk = desk;
  work->name = shard;
  state_->entered_shards.push_back(std::move(work));
  return {std::move(desk), std::move(opened.topics), applied};
}

void retained_thread::leave(std::string_view shard, desk& desk, stored_topics&& topics) {
  wake(urgency::now);
  record::offset applied;
  {
    std::unique_lock lock(desk.mutex);
    desk.done.wait(lock, [&] { return !desk.busy && !desk.given; });
    desk.left = true;
    applied = desk.applied;
  }
  *desk.to = nullptr;
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->entered_shards, [&](const auto& work) { return work->desk.get() == &desk; });
  state_->shards.emplace(shard, opened_shard{{desk.number, desk.log_id, applied}, std::move(topics)});
}

// Most of the time the thread is awake or about to be, and there is nothing to do.
void retained_thread::wake(urgency urgency) {
  {
    const std::lock_guard lock(state_->mutex);
    auto& wanted = urgency == urgency::now ? state_->urgent : state_->some;
    if (std::exchange(wanted, true)) return;
  }
  state_->has_work.notify_one();
}

std::uint64_t retained_thread::max_waiting_bytes() const {
  return state_->options.max_waiting_bytes;
}

bool retained_thread::is_away() const {
  return state_->away;
}

retained_thread_view retained_thread::view() const {
  return {state_->batches, state_->questions, state_->failures, state_->unreadable, state_->away};
}

}  // namespace headgate::broker::retained
