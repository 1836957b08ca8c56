#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ring_queue.hpp"
#include "mqtt/types.hpp"

namespace headgate::proxy::session {

// A will as its CONNECT gave it (MQTT 5.0, 3.1.2.5).
struct will {
  std::string topic;
  std::string payload;
  std::string properties;  // those that travel with it
  std::uint32_t expiry_s = mqtt::no_expiry;
  std::uint32_t delay_s = 0;
  mqtt::qos qos{};
  bool retain = false;
  // Of its exchange, where it is stored with its session: what a death leaves undone is done again, and the shard drops
  // what it has. 0: none.
  std::uint64_t nonce = 0;
};

// Where a filter starts in a log, for a session that is behind there: what is older is not for this filter.
struct filter_start {
  std::uint32_t filter = 0;
  std::uint16_t shard = 0;
  std::uint64_t start = 0;
};
inline bool before(const filter_start& a, const filter_start& b) {
  return a.filter != b.filter ? a.filter < b.filter : a.shard < b.shard;
}

// Topics that stand for numbers on one connection and in one direction (MQTT 5.0, 3.3.2.3.4); the n-th has alias n + 1.
using alias_table = std::vector<std::string>;

// What waits for room at one client, in order: references into its worker's tail.
using waiting_queue = base::ring_queue<std::uint64_t>;

// A message of a group that waits until its session has room.
struct held_group_message {
  std::uint64_t offset = 0;
  std::uint32_t filter = 0;
  std::uint16_t shard = 0;
};

// A message of a group that went to somebody else, since the client was silent about it: its group has it again, and it
// is in flight still.
struct taken_back_message {
  std::uint64_t offset = 0;
  std::uint32_t filter = 0;
  std::uint16_t shard = 0;
  std::uint16_t packet_id = 0;
};

// A QoS 2 message that came and whose PUBREL has not. Where the session outlives its connection it has a number, under
// which the shard knows it again: what is sent again goes to the shard under the same, unless this owner has seen that
// it is there (MQTT 5.0, 4.3.3).
struct received_message {
  enum class progress : std::uint8_t {
    on_its_way,  // into the store, or into the log
    appended,
    unknown,  // it came to an earlier owner of the session
  };
  static constexpr std::uint16_t any_shard = 0xffff;

  std::uint64_t number = 0;  // 0: none
  std::uint16_t packet_id = 0;
  std::uint16_t shard = any_shard;  // that of its topic, if it came to this owner
  received_message::progress state = progress::on_its_way;
  bool came_before = false;   // on an earlier connection: it does not count towards the Receive Maximum
  bool release_came = false;  // PUBREL, before it was answered
};

// A QoS 2 message that goes into the log when the store has its number.
struct numbered_publish {
  std::string topic;
  std::string properties;
  std::string payload;
  std::uint64_t topic_hash = 0;
  std::uint64_t nonce = 0;
  std::uint64_t number = 0;
  std::uint32_t expiry_s = 0;
  std::uint16_t packet_id = 0;
  std::uint8_t flags = 0;  // of the record

  std::uint64_t bytes() const { return topic.size() + properties.size() + payload.size(); }
};

// One that came and was released: its shard may forget it.
struct released_message {
  std::uint64_t nonce = 0;
  std::uint64_t number = 0;
  std::uint16_t shard = received_message::any_shard;
};

// What goes on when the store has the session as it is now.
struct awaiting_save {
  std::string packets;                // to the client
  std::uint32_t packet_count = 0;     // of these, without deliveries
  std::uint64_t delivery_bytes = 0;   // of deliveries among them
  std::uint32_t rights_version = 0;   // of the rules by which the first of these was granted
  std::vector<std::uint16_t> passed;  // packet ids of these that groups gave: the session's alone from then on
  std::vector<numbered_publish> publishes;
  std::vector<released_message> released;

  bool empty() const { return packets.empty() && publishes.empty() && released.empty(); }
};

// What only few sessions have, so that the others need not hold room for it.
struct details {
  static constexpr std::uint32_t no_save = 0xffff'ffff;

  std::optional<session::will> will;
  std::string user_name;
  std::vector<received_message> received;  // in the order of their packet ids
  std::uint32_t received_on_way = 0;       // of these, how many are on their way
  std::uint32_t received_before = 0;       // and how many came before
  std::uint64_t nonce = 0;                 // of the numbers of `received`; 0 while there are none
  std::uint64_t next_number = 1;
  std::uint64_t numbered_bytes = 0;            // of messages that wait until the store has their numbers
  std::uint64_t delivery_bytes = 0;            // of deliveries that wait until the store has the QoS 2 ones among them
  std::uint32_t newest_save = no_save;         // of those that have not been answered, and for which something waits
  std::vector<filter_start> starts;            // sorted; none for a log where the session is live
  std::vector<std::uint32_t> scans;            // retained messages being given out: numbers of the gateway's scans
  std::vector<std::uint32_t> shared;           // filters of its groups
  base::ring_queue<held_group_message> held;   // messages of its groups that wait for it, the oldest first
  std::vector<held_group_message> asked;       // of these, those that it has room for and that are on their way
  std::uint32_t asked_s = 0;                   // second of the monotonic clock in which the first of them was asked for
  std::uint32_t group_undone = 0;              // messages of its groups at QoS 1 that it has not acknowledged
  std::vector<taken_back_message> taken_back;  // with some that were acknowledged since
  bool asks_for_held = false;                  // stands in the gateway's list of those that may have room for them
  bool recalls_held = false;                   // stands in that of those whose held messages go back
  bool held_overrun = false;                   // so much waited for it that more was refused
  std::unique_ptr<waiting_queue> waiting;      // references into the worker's tail; lent while there are any
  std::vector<std::uint16_t> resends;          // packet ids of messages asked for, to be sent again
  std::uint32_t unsent = 0;                    // in-flight messages that still have to be sent again
  bool resend_identified = false;              // they need the Subscription Identifiers of today's filters
  bool resend_cut = false;                     // an answer found no more room
  awaiting_save unsaved;                       // stands in the gateway's list of those to be saved if not empty
  std::uint16_t alias_maximum = 0;             // what the client takes
  alias_table aliases_in;
  alias_table aliases_out;

  bool empty() const {
    return !will && user_name.empty() && received.empty() && starts.empty() && scans.empty() && shared.empty() &&
           held.empty() && asked.empty() && group_undone == 0 && !waiting && resends.empty() && unsent == 0 &&
           unsaved.empty() && nonce == 0 && numbered_bytes == 0 && delivery_bytes == 0 && newest_save == no_save &&
           alias_maximum == 0 && aliases_in.empty();
  }
};

}  // namespace headgate::proxy::session
