#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mailbox.hpp"
#include "base/time.hpp"
#include "shard-router/shard_map.hpp"
#include "tests/sim/book.hpp"
#include "tests/sim/lifeline.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/trace.hpp"
#include "tests/sim/watched_log.hpp"
#include "tests/support/later_authenticator.hpp"
#include "tests/support/later_log.hpp"
#include "tests/support/later_retained_store.hpp"
#include "tests/support/later_session_store.hpp"
#include "tests/support/listed_rights.hpp"
#include "worker/worker.hpp"

namespace headgate::sim {

class sim_clock final : public base::clock {
 public:
  base::instant now() override { return now_; }
  void advance_ms(std::uint64_t ms) {
    now_.monotonic.value += ms;
    now_.wall.value += ms;
  }
  std::uint64_t ms() const { return now_.monotonic.value; }
  std::uint64_t monotonic_ns() override { return now_.monotonic.value * 1'000'000; }

 private:
  base::instant now_{base::monotonic_ms{1'000'000}, base::wall_ms{1'700'000'000'000}};
};

// What the dice decide about a server before it starts.
struct server_shape {
  std::size_t workers = 1;
  std::vector<shard_router::cluster> clusters;
  std::uint32_t key_levels = 0;
  base::limits limits;
  bool logs_later = false;
  bool sessions_later = false;
  bool retained_later = false;
  bool doors_later = false;
  bool is_mortal = false;  // it dies and starts again: on disks, with stores that outlive it
  broker::log::segmented_log_options log;
};
server_shape draw_shape(tests::dice& dice, bool small_log, bool is_mortal);

// The whole process in one thread: its workers over one exchange, with a network, a clock and stores that the run
// moves. Nothing sleeps: who would, is passed over while the run comes to its end. It may have several lives, one after
// the other; between two of them, and from the last effect of one on, whatever is asked of it does nothing.
class server {
 public:
  server(const server_shape& shape, tests::dice& dice, book& book, trace& trace);
  ~server();

  std::size_t workers() const { return workers_.size(); }
  network& sockets(std::size_t worker) { return *networks_[worker]; }
  std::uint64_t now_ms() const { return clock_.ms(); }
  void advance_ms(std::uint64_t ms);
  const server_shape& shape() const { return shape_; }

  // One turn of one worker, in which some of what its stores owe it may come.
  void turn(std::size_t worker);
  // Some log commits, some store answers.
  void answer_something();
  // One turn of every worker that would not sleep, with all that stores owe. False: all sleep, and nothing is owed.
  bool turn_all();
  void turn_until_quiet();

  // All workers hear of the rules in the turn that each of them has now; null: none.
  void change_rights(const std::shared_ptr<const tests::denials>& rules);

  // Its death comes after so many effects, or now.
  void die_after(std::uint32_t effects) { life_.end_after(effects); }
  void die() { life_.end(); }
  void live_on() { life_.begin(); }
  bool is_dead() const { return life_.is_over(); }
  bool is_dying() const { return life_.is_ending(); }
  // As SIGTERM does it, to the end, unless it dies meanwhile.
  void stop();
  // After its death: no connection is left, nor anything that the process knew. `power`: the machine lost power.
  void bury(bool power);
  // Another life. False: it has died in the start, if it was to after so many effects.
  bool start(std::uint32_t effects);
  bool start();
  std::uint64_t started_ms() const { return started_ms_; }
  // The disk of some shard has so much room left; all have enough again.
  void fill_some_disk(std::uint32_t bytes_left) { machine_.fill_disk(dice_.below(map_.shard_count()), bytes_left); }
  void free_disks() { machine_.free_disks(); }
  // After a start: messages that were in the logs, uncommitted, and are not there any more.
  std::vector<std::uint32_t> look_for_lost();

  worker::worker_view view() const;
  // What is still kept of wills and of sessions on their way back, though nothing is under way: a sentence, or empty.
  std::string leftovers() const;
  // Whether messages of groups wait for a client.
  bool holds_any() const;
  std::size_t forced_takeovers() const { return view().gateway.takeovers_forced; }

 private:
  class bell final : public base::waker {
   public:
    void wake() override { rung = true; }
    bool rung = false;
  };
  class complaints final : public base::log_sink {
   public:
    explicit complaints(trace& trace) : trace_(trace) {}
    void write(const base::log_line& line) override { trace_.say("LOG " + std::string(line.text)); }

   private:
    trace& trace_;
  };

  void make_workers();
  worker::engines engines_of(std::size_t worker);
  std::unique_ptr<broker::log::log_store> make_log(std::size_t worker, base::shard_id shard, base::mailbox& letters);
  std::unique_ptr<broker::shard::retained_store> make_retained(base::shard_id shard);
  std::unique_ptr<session_store::session_store> make_sessions(std::size_t worker, session_store::answers& answers);
  bool start_to_the_end();
  void work(std::size_t shard);
  void deliver(std::size_t worker, std::size_t at_most);
  bool answer_all();
  void check_gauges(std::size_t worker) const;

  server_shape shape_;
  tests::dice& dice_;
  book& book_;
  complaints complaints_;
  sim_clock clock_;
  lifeline life_;
  machine machine_;
  std::uint64_t started_ms_ = 0;  // 0: the first life
  std::shared_ptr<const tests::denials> rules_;
  shard_router::shard_map map_;
  // Everything from here on is of one life, but for the networks.
  std::vector<std::unique_ptr<bell>> bells_;
  std::vector<base::waker*> wakers_;
  std::vector<bool> asleep_;
  std::unique_ptr<worker::handover::exchange> exchange_;
  std::unique_ptr<worker::process> process_;
  std::vector<std::unique_ptr<network>> networks_;
  // The workers own these.
  std::vector<broker::tests::later_log*> logs_;  // none of a mortal server
  std::vector<broker::tests::later_retained_store*> retained_;
  std::vector<tests::later_session_store*> sessions_;
  std::vector<headgate::tests::later_authenticator*> doors_;
  std::vector<headgate::tests::listed_rights*> rights_;
  std::vector<std::unique_ptr<worker::worker>> workers_;
};

}  // namespace headgate::sim
