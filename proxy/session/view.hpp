#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::proxy::session {

// What operators are shown of a connected client, copied out between two turns.
struct client_view {
  std::string id;
  std::string user_name;              // empty: none
  std::string address;                // "192.0.2.7:51324"
  std::string listener;               // the name of the one that it came through
  std::uint8_t protocol_version = 0;  // 3: 3.1, 4: 3.1.1, 5: 5.0
  bool bridge = false;
  std::uint16_t keep_alive_s = 0;      // 0: none
  std::uint32_t session_expiry_s = 0;  // 0: ends with the connection; 0xffffffff: never
  std::uint32_t connected_s = 0;       // how long
  std::uint32_t silent_s = 0;          // since something was heard of it
  std::uint32_t subscriptions = 0;
  std::uint32_t inflight = 0;              // messages sent to it and not acknowledged
  std::uint32_t window = 0;                // how many these may be
  std::uint32_t waiting = 0;               // messages that wait for room in its window
  std::uint32_t unanswered = 0;            // its publishes that are not acknowledged yet
  std::uint32_t output_pending_bytes = 0;  // what its socket did not take
  bool behind = false;                     // reads the log, in at least one shard
  bool has_will = false;
};

struct subscription_view {
  std::string filter;
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint32_t identifier = 0;  // 0: none
};

// Where it stands in the log of one shard.
struct position_view {
  std::uint16_t shard = 0;
  std::uint64_t next = 0;      // the first offset neither sent nor skipped
  std::uint64_t streamed = 0;  // how far its worker has received that log; the difference is what it lags
  bool behind = false;
};

struct client_details {
  client_view client;
  std::vector<subscription_view> subscriptions;  // at most 1,000 of them
  std::vector<position_view> positions;
};

}  // namespace headgate::proxy::session
