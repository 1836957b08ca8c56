#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/core/text_template.hpp"
#include "mqtt/types.hpp"

// What a run does: who connects, subscribes and publishes, and when. Plain structs; loadtest/plan makes and checks
// them. Times are in nanoseconds; those called `at` count from the start of the run.
namespace headgate::loadtest::core {

inline constexpr std::uint64_t second_ns = 1'000'000'000;
inline constexpr std::uint64_t for_ever = ~std::uint64_t{0};
// The stamp that every payload begins with (message.hpp).
inline constexpr std::uint32_t least_payload = 40;

struct target {
  std::string host = "127.0.0.1";  // a name, or an IPv4 or IPv6 address; names are looked up again at each connect
  std::uint16_t port = 1883;
};

// How a group's clients come: in the order of their numbers, at a rate, or as fast as the server answers.
struct connect_plan {
  std::uint64_t at_ns = 0;
  double rate = 0;                // connects a second of the whole group; 0: no such limit
  std::uint32_t in_flight = 100;  // connects of the group that are not answered yet, at least 1
  // The server is to refuse each of them. Nobody waits for these clients: as long as the run goes on the next one that
  // is free connects, `rate` a second whatever the server does (open loop), and after the last the first again.
  bool expects_refusal = false;
};

// Connections speak TLS. The files are PEM.
struct tls_plan {
  enum class version : std::uint8_t { v1_2, v1_3 };

  bool enabled = false;
  std::string ca;           // authorities; empty: the system's
  std::string certificate;  // the clients', and its key; empty: they have none
  std::string key;
  std::string server_name;  // SNI, and the name that the server's certificate has to have; empty: the target's host
  bool verifies = true;     // false: whatever the server shows is taken
  version maximum = version::v1_3;
  bool resumes = true;  // a client that comes again resumes its session, where the server has given it one
};

// How a client comes back that lost its connection or was refused: the n-th attempt in a row (from 0) waits first ×
// 2^n, at most `most`, times a random number from 1 − jitter to 1.
struct reconnect_plan {
  bool enabled = true;
  std::uint64_t first_ns = second_ns;
  std::uint64_t most_ns = 60 * second_ns;
  double jitter = 0.5;  // 0 to 1
};

// A client that is ready stays for `hold`, says DISCONNECT, is away for `away`, and comes again; and so on.
struct life_plan {
  std::uint64_t hold_ns = for_ever;
  std::uint64_t away_ns = 0;
  double jitter = 0;  // each of the two times a random number from 1 − jitter to 1
};

// Exactly one of `rate` and `window` is not 0.
struct publish_plan {
  text_template topic;
  std::uint32_t topics =
      1;  // a client has the topics %n = 0 to topics − 1, in an order that the seed decides, over and over
  mqtt::qos qos = mqtt::qos::at_most_once;
  bool retain = false;
  std::uint32_t payload_least = 64;  // bytes; each message has a size between the two that the seed decides
  std::uint32_t payload_most = 64;
  std::optional<std::uint32_t> expiry_s;  // MQTT 5: Message Expiry Interval
  // Open loop: messages a second of the whole group; message i is due at start + i / rate, from client i modulo their
  // number, whatever has arrived by then.
  double rate = 0;
  // Closed loop: the most messages of one client that its slowest subscriber has not received yet. Without subscribers:
  // that are not acknowledged yet (above QoS 0).
  std::uint32_t window = 0;
};

struct subscribe_plan {
  std::vector<text_template> filters;  // do not overlap
  std::uint32_t topics = 1;            // a filter with %n stands for so many
  mqtt::qos qos = mqtt::qos::at_most_once;
  std::string share;  // the group's clients share one subscription of this name; empty: each has its own
  // Not 0: nothing is expected to come. The clients subscribe to their filters in turn, so many a second of the whole
  // group, and each SUBSCRIBE is followed by the UNSUBSCRIBE of the filter before it.
  double churn_rate = 0;
};

struct group {
  std::string name;
  std::uint32_t clients = 1;
  mqtt::version version = mqtt::version::v3_1_1;
  text_template client_id;
  std::optional<text_template> user_name;
  std::optional<text_template> password;
  // Clean Session before MQTT 5. In MQTT 5 with an expiry only of the first connection of a run, so that nothing is
  // left over from an earlier one; then the session is resumed.
  bool clean_start = true;
  std::uint32_t session_expiry_s = 0;  // MQTT 5
  std::uint16_t keep_alive_s = 60;     // 0: none
  connect_plan connect;
  reconnect_plan reconnect;
  life_plan life;
  std::optional<publish_plan> publish;
  std::optional<subscribe_plan> subscribe;

  // Whether the server keeps the session while the client is away.
  bool is_persistent() const { return version == mqtt::version::v5 ? session_expiry_s > 0 : !clean_start; }
};

// A share of a group loses its connections at one instant; its reconnect_plan says how it comes back.
struct disconnect_event {
  std::uint64_t at_ns = 0;
  std::uint32_t group = 0;  // index
  double share = 1;         // 0 to 1, which ones the seed decides
  bool clean = false;       // with DISCONNECT; otherwise as if the network had failed (a TCP reset)
};

// A run: all groups without `connect.at_ns` connect and subscribe; warm-up; measuring, until the first of its limits;
// then nobody publishes any more, and what is under way has time to arrive.
struct measuring_plan {
  std::uint64_t warm_up_ns = second_ns;
  std::uint64_t warm_up_messages = 0;          // so many deliveries as well before measuring
  std::uint64_t duration_ns = 10 * second_ns;  // at most
  std::uint64_t messages = 0;                  // 0: no such limit. Deliveries; without subscribers acknowledgements, or
                                               // messages at QoS 0; without publishers, connects
  std::uint64_t server_cpu_ns = 0;             // 0: no such limit
  // So long without an answer while something is due, and the run has failed; also how long a CONNACK may take.
  std::uint64_t stall_ns = 10 * second_ns;
  std::uint64_t settle_ns = 2 * second_ns;  // in the end: so long without anything new, and what is missing is missing
};

struct audit_plan {
  bool enabled = true;
  // Messages at QoS 0 that did not come are faults as well: where the server is known to have room for them.
  bool qos0_may_drop = true;
  std::uint64_t memory_bytes = 512ULL * 1024 * 1024;
};

struct plan {
  std::string name;  // "pairs", or that of the file
  std::vector<target> targets{target{}};
  tls_plan tls;
  std::uint64_t seed = 1;
  std::vector<group> groups;
  std::vector<disconnect_event> events;
  measuring_plan measuring;
  audit_plan audit;
};

}  // namespace headgate::loadtest::core
