#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "loadtest/core/audit.hpp"
#include "loadtest/core/message.hpp"
#include "loadtest/core/plan.hpp"
#include "loadtest/core/results.hpp"
#include "loadtest/core/wire.hpp"

// The state of a run as plain structs; what happens to it are free functions, each in a file of its own. Nothing here
// reads a clock or a socket: time comes in with each event, in nanoseconds of one monotonic clock, and bytes go out
// through the wire.
namespace headgate::loadtest::core {

inline constexpr std::uint32_t none = 0xffff'ffff;

// waiting -> greeting -> subscribing -> ready -> away -> greeting …; greeting, subscribing and ready -> away as well
// when the connection ends; away -> ended when it is not to come again. Who is to be refused: waiting -> greeting ->
// waiting.
enum class stage : std::uint8_t {
  waiting,      // the group has not called it yet, or is to call it again
  greeting,     // connecting, and CONNECT on its way
  subscribing,  // accepted; SUBSCRIBEs are being answered
  ready,
  away,   // its timer brings it back
  ended,  // for good
};

// One virtual client. Small: there may be very many that do nothing.
struct client {
  std::uint64_t due_ns = for_ever;    // when its timer rings
  std::uint64_t filed_ns = for_ever;  // the earliest entry of `timers` that it has
  std::uint64_t began_ns = 0;         // greeting: when the connection was begun
  std::uint64_t until_ns = for_ever;  // ready: when its life plan sends it away
  std::uint64_t sent_ns = 0;          // when it last sent something
  std::uint32_t publisher = none;
  std::uint32_t audience = none;
  std::uint32_t step = 0;  // filters subscribed so far
  std::uint16_t group = 0;
  std::uint16_t packet_id = 0;  // of the last SUBSCRIBE or UNSUBSCRIBE
  std::uint16_t attempts = 0;   // in a row that failed
  core::stage stage = stage::waiting;
  bool was_ready = false;     // once
  bool is_listening = false;  // in this connection: the audit counts it as a member of its audience
  bool is_blocked = false;    // the wire has not taken everything
  bool awaits_pong = false;
  bool keeps_session = false;      // it was ready, and the server is to know its session when it comes back
  std::uint16_t keep_alive_s = 0;  // in force: the plan's, or the server's [MQTT-3.1.2-21]
  bool is_leaving = false;         // it has said DISCONNECT, and waits for the server to close
};

// A message above QoS 0 whose exchange has begun and not ended.
struct in_flight {
  std::uint64_t intended_ns = 0;
  enum class exchange : std::uint8_t {
    done,
    sent,
    released
  } state = exchange::done;  // released: PUBREC came, PUBREL sent
};

// The flow of a subscriber that wants only some of a publisher's messages.
struct part {
  std::uint32_t audience = 0;
  std::uint32_t place = 0;    // among the audience's flows
  std::uint64_t ignored = 0;  // messages that it lacks and is not waited for any more
};

struct publisher {
  std::uint32_t client = 0;
  message_source source;
  std::uint64_t sent = 0;  // the next sequence number
  // Above QoS 0: every message below is done; window[n % size] is message n, `low` ≤ n < `sent`.
  std::uint64_t low = 0;
  std::vector<in_flight> window{};
  std::uint32_t unanswered = 0;  // those under way
  std::uint16_t receive_maximum = 65'535;
  // Open loop: the number of its next slot in the group's schedule.
  std::uint64_t slot = 0;
  // Closed loop: its slowest subscriber has received everything below. With several of them, passed[n % window] counts
  // those that are past message n.
  std::uint64_t delivered = 0;
  std::vector<std::uint32_t> passed{};
  std::uint32_t flows = 0;  // of subscribers that are there
  // Those of subscribers that want a part of its messages only: a position says nothing of what lies between.
  std::vector<part> parts{};
  std::uint64_t moved_ns = 0;    // closed loop: when it last sent
  std::uint64_t blocked_ns = 0;  // open loop: since when something that is due is kept; 0: nothing is
  bool is_pending = false;       // stands in fleet.pending
  // It has not been there yet, or went by plan: what is due meanwhile is not sent later.
  bool skips_slots = true;
};

// What a subscriber at QoS 2 has received and not completed, in ascending order.
struct unreleased {
  std::vector<std::uint16_t> ids;
};

struct group_state {
  const group* plan = nullptr;
  std::uint32_t first = 0;  // its clients
  std::uint32_t first_publisher = none;
  std::unique_ptr<message_shape> shape{};
  std::uint64_t called = 0;     // clients that were told to connect; of those who are to be refused, how often any was
  std::uint32_t next_call = 0;  // who is told next, of those who are to be refused
  std::uint32_t greeting = 0;   // clients that are connecting now
  std::uint64_t next_slot = 0;  // open loop, and churn: the first slot that has not come yet
};

// connecting -> warming_up -> measuring -> settling -> leaving -> over; a run that cannot go on or is to end skips
// some.
enum class phase : std::uint8_t { connecting, warming_up, measuring, settling, leaving, over };

struct counters {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t delivered_bytes = 0;
  std::uint64_t connects = 0;
  std::uint64_t refusals = 0;  // of those who are to be refused
  std::uint64_t subscribes = 0;
  std::uint64_t pongs = 0;  // of publishers
};

struct timer_entry {
  std::uint64_t due_ns = 0;
  std::uint32_t client = 0;
};

struct fleet {
  fleet(const core::plan& plan, core::wire& wire, std::uint32_t run)
      : plan(plan), wire(wire), audit(plan.audit.memory_bytes), random(plan.seed), run(run) {}

  const core::plan& plan;
  core::wire& wire;
  core::audit audit;
  base::random_source random;
  std::uint32_t run = 0;  // in the stamps

  std::vector<group_state> groups{};
  std::vector<client> clients{};
  std::vector<publisher> publishers{};
  std::map<std::uint32_t, unreleased> unreleased_of{};  // by client; only of those that have something
  std::vector<timer_entry> timers{};                    // a heap, the earliest in front
  std::vector<std::uint32_t> pending{};                 // publishers that may be able to send
  std::vector<std::uint32_t> turn_pending{};            // scratch: those of this turn
  bool windows_are_stale = false;                       // subscribers came or went

  core::phase phase = phase::connecting;
  std::uint64_t turn_ns = 0;  // the last turn's time
  std::uint64_t started_ns = 0;
  std::uint64_t phase_began_ns = 0;
  std::uint64_t published_from_ns = 0;  // the schedules' start; 0: not yet
  std::uint64_t measured_from_ns = 0;
  std::uint64_t measured_to_ns = for_ever;
  std::uint64_t progress_ns = 0;  // when anything last went on
  std::uint64_t looked_ns = 0;    // when it was last looked whether all has come
  std::uint64_t moved = 0;        // what had come when that was last looked at
  std::uint64_t warmed = 0;       // the messages that the warm-up had at
  std::uint64_t warmed_ns = 0;    // this time, when they were last more
  std::size_t next_event = 0;     // of the plan's, in the order of their times
  bool has_enough = false;        // measuring is to end: the server has used its CPU time
  bool is_stopped = false;        // somebody wants the run to end
  bool ends_early = false;        // and it is being ended

  std::uint32_t connected = 0;  // clients that are subscribing or ready
  bool has_windows = false;     // publishers in a closed loop
  std::uint32_t awaited = 0;    // clients of the groups that connect at the start and have not been ready yet
  std::uint64_t refused_filters = 0;
  std::uint64_t wrongly_accepted = 0;  // connections that were to be refused
  counters total{};
  counters at_begin{};
  counters at_end{};
  std::map<std::string, std::uint64_t> reasons{};  // of connections that failed or ended
  core::results results{};

  std::vector<std::uint8_t> output{};   // scratch: what is being sent
  std::vector<std::uint8_t> answers{};  // scratch: acknowledgements that a read owes
};

// Makes the clients, publishers, audiences and flows of the plan. Throws std::runtime_error with a sentence if the
// audit's memory does not suffice.
std::unique_ptr<fleet> make_fleet(const plan& plan, wire& wire, std::uint32_t run);

// Events. `now_ns` never goes back.
void start(fleet& fleet, std::uint64_t now_ns);
// Bytes of a connection, from the start of a packet; returns how many of them were whole packets. The rest comes again
// with what follows. The client may be closed when it returns.
std::size_t on_bytes(fleet& fleet, std::uint32_t client, base::bytes data, std::uint64_t now_ns);
void on_writable(fleet& fleet, std::uint32_t client, std::uint64_t now_ns);
// The server, or the network, has ended the connection; `reason` in a few words.
void on_closed(fleet& fleet, std::uint32_t client, std::string_view reason, std::uint64_t now_ns);
// After the events of a turn: timers, new connections, publishing, phases. The run is over when its phase says so.
void on_turn(fleet& fleet, std::uint64_t now_ns);
// When on_turn() has something to do although nothing happens.
std::uint64_t next_due_ns(const fleet& fleet, std::uint64_t now_ns);

inline bool is_publishing(const fleet& fleet) {
  return fleet.phase == phase::warming_up || fleet.phase == phase::measuring;
}

// Whether anything of this run is to come to the client.
inline bool expects(const fleet& fleet, std::uint32_t client) {
  const std::uint32_t audience = fleet.clients[client].audience;
  return audience != none && !fleet.audit.flows_of(audience_index(audience)).empty();
}

inline std::uint32_t number_of(const fleet& fleet, std::uint32_t client) {
  return client - fleet.groups[fleet.clients[client].group].first;
}
inline const group& plan_of(const fleet& fleet, std::uint32_t client) {
  return *fleet.groups[fleet.clients[client].group].plan;
}

}  // namespace headgate::loadtest::core
