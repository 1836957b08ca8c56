#include <limits>

#include "config/field.hpp"
#include "config/sections.hpp"

namespace headgate::config {

namespace {

using base::limits;

constexpr std::uint64_t u16_max = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();
constexpr range memory = {1U << 20, 1ULL << 40};

auto& limits_of(auto& settings) {
  return settings.limits;
}

}  // namespace

section limits_section() {
  return plain_section<limits>(
      "limits", "What one client, or all of them, may take.",
      [](auto& settings) -> auto& { return limits_of(settings); },
      {
          number("max_clients", &limits::max_clients, {0, u32_max}, changes::at_reload,
                 "Clients at once; 0: as many as open files allow"),
          size("max_packet_bytes", &limits::max_packet_bytes, {1024, 268'000'000}, changes::at_reload,
               "Largest packet that is taken from a client"),
          size("max_output_bytes", &limits::max_output_bytes, {1024, 1U << 30}, changes::at_reload,
               "What may wait for a client that does not read; above it QoS 0 is dropped and QoS 1 and 2 wait in the "
               "log"),
          number("max_inflight", &limits::max_inflight, {1, 32'000}, changes::at_reload,
                 "Messages above QoS 0 sent to a client and not acknowledged; its Receive Maximum may lower it"),
          number("max_inflight_in", &limits::inflight_in, {1, u16_max}, changes::at_reload,
                 "Messages above QoS 0 of a client that are not acknowledged yet; MQTT 5 clients are told it as our "
                 "Receive Maximum"),
          number("topic_aliases", &limits::topic_aliases, {0, u16_max}, changes::at_restart,
                 "Topic aliases that an MQTT 5 client may give, and that it is given"),
          number("max_subscriptions", &limits::max_subscriptions, {1, u32_max}, changes::at_reload,
                 "Filters that a client may hold"),
          number("topic_entries", &limits::topic_entries, {1000, u32_max}, changes::at_restart,
                 "Topics that a shard remembers for wildcard filters, 64 bytes each"),
          number("max_stored_sessions", &limits::max_stored_sessions, {0, u32_max}, changes::at_restart,
                 "Sessions without a connection that a worker keeps; 0: as many as there is room for"),
          number("max_keep_alive_s", &limits::max_keep_alive_s, {10, u16_max}, changes::at_reload,
                 "Longest Keep Alive of an MQTT 5 client: who asks for more, or for none, is told this one; 65535: "
                 "each keeps its own"),
          number("connect_timeout_s", &limits::connect_timeout_s, {1, 3600}, changes::at_reload,
                 "Seconds from the connection to a whole CONNECT"),
      });
}

section shared_subscriptions_section() {
  return plain_section<limits>(
      "shared_subscriptions", "Who of several members gets a message ($share/NAME/FILTER).",
      [](auto& settings) -> auto& { return limits_of(settings); },
      {
          choice("dispatch", &limits::dispatch_by_topic, {{"turn", false}, {"topic", true}}, changes::at_restart,
                 "turn: each member that has room in its turn; topic: messages of one topic to the same member while "
                 "it has room and the members stay the same"),
          number("redeliver_after_s", &limits::redeliver_after_s, {0, 86'400}, changes::at_reload,
                 "Seconds after which a QoS 1 message that a connected member does not acknowledge goes to another "
                 "member as well; 0: never"),
      });
}

section retained_section() {
  return plain_section<limits>(
      "retained", "Retained messages.", [](auto& settings) -> auto& { return limits_of(settings); },
      {
          size(
              "memory_bytes", &limits::retained_memory_bytes, memory, changes::at_restart,
              "Size of the retained messages of a shard whose log is in memory (log.commit); a new one without room is "
              "delivered and not kept"),
      });
}

}  // namespace headgate::config
