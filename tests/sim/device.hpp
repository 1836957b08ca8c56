#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/connack.hpp"
#include "mqtt/framing.hpp"
#include "mqtt/reason_code.hpp"
#include "mqtt/types.hpp"
#include "tests/sim/book.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/topics.hpp"

namespace headgate::sim {

// What a SUBSCRIBE asks for one filter.
struct filter_options {
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;
  std::uint32_t identifier = 0;  // 0: none
};

// One filter as its client sees it. Steps are those of the run; 0: never.
struct held_filter {
  enum class stage : std::uint8_t { none, asked, held, ending };
  stage at = stage::none;
  bool was_held = false;    // asked: to replace a subscription
  bool was_unsure = false;  // asked: once more, since it was never answered
  bool is_first = false;    // asked: it was never there before
  filter_options options;   // granted
  filter_options asked;     // while asked
  filter_options last;      // of what was before the last change
  std::uint16_t packet_id = 0;
  std::uint32_t asked_step = 0;    // the first SUBSCRIBE of this subscription was sent
  std::uint32_t request_step = 0;  // the last SUBSCRIBE was sent
  std::uint32_t since_step = 0;    // from here on everything above QoS 0 is owed; 0: nothing is
  std::uint32_t changed_step = 0;  // the last SUBACK
  std::uint32_t ended_step = 0;    // the last UNSUBACK
  // The last SUBSCRIBE that asked for retained messages.
  std::uint32_t scan_connection = 0;
  bool scan_due = false;                                   // it goes on, as far as the client knows
  std::array<std::uint32_t, topics.size()> scan_floor{};   // retained changes that stood before it
  std::array<std::uint32_t, topics.size()> first_floor{};  // and before the first of this connection

  bool may_match() const { return at != stage::none; }
};

// A publish above QoS 0 that is not completed.
struct outgoing_publish {
  std::uint16_t packet_id = 0;
  std::uint32_t message = 0;
  std::uint8_t qos = 0;
  bool received = false;  // PUBREC came
  std::size_t padding = 0;
};
// A message above QoS 0 that the client has not completed.
struct incoming_publish {
  enum class stage : std::uint8_t { arrived, received, released };  // received: PUBREC was sent
  std::uint16_t packet_id = 0;
  std::uint32_t message = 0;  // 0: without a number
  std::uint8_t qos = 0;
  stage at = stage::arrived;
  std::uint32_t connection = 0;  // in which it came last
};

// How often a message came to a session.
struct reception {
  std::uint32_t epoch = 0;  // of the session
  std::uint32_t copies = 0;
  std::uint32_t live = 0;        // of these, such as are no answer to a SUBSCRIBE for sure
  std::uint32_t connection = 0;  // of the last live one
  std::uint32_t in_connection = 0;
  std::uint32_t live_exactly_once = 0;  // of these, at QoS 2
};

// What becomes of a will.
struct will_fate {
  std::uint32_t message = 0;  // 0: no will
  std::uint64_t wait_ms = 0;  // min(its delay, the session's expiry)
  connection* line = nullptr;
  bool said_goodbye = false;  // DISCONNECT 0x00 was sent
  bool unsure = false;        // a later CONNECT was not answered, or the DISCONNECT changed the expiry
  bool is_stored = false;     // with a session that outlives the connection
  bool is_doubtful = false;   // the log had no room meanwhile
  bool over_death = false;    // the server died meanwhile: when, only it knows, and `line` is null
  // The next CONNECT that was granted.
  bool came_back = false;
  bool clean = false;
  bool present = false;
  std::uint64_t sent_ms = 0;
  std::uint64_t granted_ms = 0;
};

// Whether it comes whenever the server dies, or its log is full. With a delay the client may be back in time.
inline bool outlives_death(const will_fate& fate) {
  return fate.is_stored && fate.wait_ms == 0 && !fate.said_goodbye && !fate.unsure;
}

inline constexpr std::uint32_t for_ever = 0xffff'ffff;

// One client id: what it is, and the state of its session and its connection, as a client that keeps to the standard
// would have them. A plain struct; the run's events change it.
struct device {
  // For life.
  std::uint16_t number = 0;
  std::string id;
  mqtt::version version = mqtt::version::v5;
  bool persistent = false;
  std::uint32_t expiry_s = 0;
  std::uint16_t receive_maximum = 65'535;
  std::uint16_t keep_alive_s = 0;
  int group = -1;  // it is a member of this group, and has no other filter

  // The connection.
  enum class state : std::uint8_t { offline, connecting, connected };
  state at = state::offline;
  std::size_t worker = 0;
  connection* line = nullptr;
  std::uint32_t connection_number = 0;
  bool clean = false;            // of the CONNECT sent
  std::uint64_t connect_ms = 0;  // when it was sent
  std::uint32_t window = 65'535;
  std::uint32_t server_receive_maximum = 65'535;
  bool is_resumed = false;  // its session was there before
  will_fate will;           // of this connection
  std::uint32_t will_delay_s = 0;

  // The session at the client.
  std::uint32_t epoch = 1;
  bool must_be_clean = false;  // a CONNECT with Clean Start was not answered
  std::uint16_t next_packet_id = 1;
  std::array<held_filter, filters.size() + 1> held;  // the last one: of the group
  std::vector<outgoing_publish> outgoing;
  std::vector<incoming_publish> incoming;
  std::vector<std::uint16_t> unknown_released;  // PUBREL without a message: PUBCOMP is due

  // The session at the server, as far as the client can tell.
  bool was_granted = false;
  bool unsure = false;  // a CONNECT was not answered
  std::uint32_t last_expiry_s = 0;
  connection* last_line = nullptr;  // the last connection that was granted
  std::vector<will_fate> fates;

  std::vector<reception> receptions;         // by message
  std::vector<std::uint32_t> last_sequence;  // by publisher, topic, QoS as published and as received

  bool is_v5() const { return version == mqtt::version::v5; }
  bool idle_filter(const held_filter& filter) const {
    return filter.at == held_filter::stage::none || filter.at == held_filter::stage::held;
  }
  std::string_view filter_text(std::size_t n) const {
    return n < filters.size() ? filters[n] : group < 0 ? std::string_view() : groups[group].text;
  }
  std::string_view topic_filter(std::size_t n) const {
    return n < filters.size() ? filters[n] : group < 0 ? std::string_view() : groups[group].filter;
  }
  reception& received(std::uint32_t message) {
    if (receptions.size() <= message) receptions.resize(message + 256);
    auto& found = receptions[message];
    if (found.epoch != epoch) found = {epoch, 0, 0, 0, 0, 0};
    return found;
  }
};

}  // namespace headgate::sim
