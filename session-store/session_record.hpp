#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace headgate::session_store {

// What outlives a connection (MQTT 5.0, 4.1), as one consistent snapshot. Encoded as FORMAT.md says.

// A log by its id, and the first offset neither sent nor skipped there.
struct stored_position {
  std::uint32_t log = 0;
  std::uint64_t next = 0;
  friend bool operator==(const stored_position&, const stored_position&) = default;
};
// Where a subscription starts in a log, when that is above the position there.
struct stored_start {
  std::uint32_t log = 0;
  std::uint64_t start = 0;
  friend bool operator==(const stored_start&, const stored_start&) = default;
};
struct stored_subscription {
  std::string filter;
  std::uint32_t identifier = 0;  // 0: none
  std::uint8_t maximum_qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::vector<stored_start> starts;
  friend bool operator==(const stored_subscription&, const stored_subscription&) = default;
};
// One place of the in-flight window, in sending order. Packet ids follow from the places: the first has
// `first_packet_id`, each next one the next id (after 65,535 comes 1), but for one leap by 32,768 at most. Acknowledged
// places that stand before unacknowledged ones are kept, so that the ids agree.
struct stored_inflight {
  enum class state : std::uint8_t { sent = 0, received = 1, done = 2 };  // received: PUBREC came, PUBREL is due
  std::uint32_t log = 0;
  std::uint64_t offset = 0;
  state progress = state::sent;
  std::uint8_t qos = 1;  // as granted: 1 or 2
  bool retain = false;   // as sent
  friend bool operator==(const stored_inflight&, const stored_inflight&) = default;
};
// A QoS 2 message that came and whose PUBREL has not: the shard knows it by the session's nonce and this number.
struct stored_received {
  std::uint16_t packet_id = 0;
  std::uint64_t number = 0;  // from 1
  friend bool operator==(const stored_received&, const stored_received&) = default;
};
struct session_record {
  std::uint16_t first_packet_id = 1;  // of the oldest place, or the next to be used
  std::vector<stored_inflight> inflight;
  std::uint16_t places_before_leap = 0;   // 0: no leap; all of them: the next place leaps
  std::vector<stored_received> received;  // in the order of their packet ids
  std::uint64_t nonce = 0;                // of the numbers of `received`; 0 without any
  std::uint64_t next_number = 0;          // above all of them, and above all given under this nonce before
  std::vector<stored_subscription> subscriptions;
  std::vector<stored_position> positions;
  friend bool operator==(const session_record&, const session_record&) = default;
};

enum class errc : std::uint8_t {
  truncated,        // it ends inside a field
  trailing_bytes,   // bytes after its last field
  unknown_version,  // written by a version of Headgate that this one does not know
  value_invalid,    // a number outside its range
};
template <class T>
using result = base::result<T, errc>;
std::string_view explain(errc error);

std::string encode(const session_record& record);
// Trusts nothing: any bytes give a record or an error.
result<session_record> decode_session_record(base::bytes data);

// A will (MQTT 5.0, 3.1.2.5) that waits in the store, and whose it is: what that client may do is asked again when the
// will is published.
struct stored_will {
  std::string client_id;
  std::string user_name;  // empty: none
  std::string topic;
  std::string payload;
  std::string properties;      // that travel with it, as in a PUBLISH
  std::uint32_t expiry_s = 0;  // 0xffffffff: none
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint64_t nonce = 0;  // of its exchange, by which its shard knows it when it is published again; 0: it has none
  friend bool operator==(const stored_will&, const stored_will&) = default;
};
std::string encode(const stored_will& will);
result<stored_will> decode_stored_will(base::bytes data);

}  // namespace headgate::session_store
