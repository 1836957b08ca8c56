#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/mailbox.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "session-store/embedded/job.hpp"
#include "session-store/embedded/stored_ids.hpp"
#include "session-store/embedded/tuning.hpp"
#include "session-store/embedded/view.hpp"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace headgate::session_store::embedded {

// Who has jobs done. Told in its own worker's thread, by a letter.
class outcomes {
 public:
  virtual ~outcomes() = default;
  virtual void on_outcome(std::uint32_t number, outcome&& outcome) = 0;
};

// The one thread that reads and writes the sessions of a process, for the engines of all its workers. Everything that
// waits when it looks is written as one batch, with one commit, and told afterwards: what was told has been given to
// the system, with `sync` to the disk. Jobs of one engine are done in order, but that sweeps come last of a batch.
//
// When a write fails the store is away: claims are answered `unavailable` at once, sweeps give nothing, saves and
// releases wait and are tried again every `retry_ms`. `tell` hears of it, and of the end of it. The queue is bounded by
// those who ask: an engine has one job at a time about a client id, and a sweep.
//
// Threads: open() and the destructor in one; submit(), enter() and leave() from any, each engine's from its own.
// Lifetime: it outlives its engines; the mailbox of an engine is there until leave() has returned. The destructor does
// what waits, and joins. Tools that list threads show it as headgate-store.
class store_thread {
 public:
  struct options {
    std::string directory;
    std::uint32_t engines = 1;  // one a worker
    bool sync = false;          // the commit policy `disk`
    base::instant now;          // at start: stored times count on from here, whatever the wall clock does later
    std::function<void(std::string_view sentence)> tell = {};  // in the thread; may be empty
    std::uint32_t retry_ms = embedded::retry_ms;
    rocksdb::Env* env = nullptr;  // of tests
  };
  // Or a sentence that says what is wrong and what to do. Blocks until all keys have been read: a second or two for a
  // million sessions.
  static base::result<std::unique_ptr<store_thread>, std::string> open(options options);
  ~store_thread();

  // The ids that are stored of this engine, once.
  stored_ids enter(std::uint32_t engine, base::mailbox& letters, outcomes& outcomes);
  // Waits until all jobs of the engine are done, but not for a store that is away. What has not been told never will
  // be.
  void leave(std::uint32_t engine);
  void submit(std::uint32_t engine, std::uint32_t number, work&& what);

  std::uint64_t life() const;
  base::instant started() const;
  store_thread_view view() const;

 private:
  struct state;
  explicit store_thread(std::unique_ptr<state> state);
  std::unique_ptr<state> state_;
};

}  // namespace headgate::session_store::embedded
