#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "mqtt/reason_code.hpp"
#include "mqtt/types.hpp"
#include "proxy/gateway/filter_table.hpp"
#include "proxy/session/details.hpp"
#include "session-store/session_store.hpp"
#include "session-store/takeover_bus.hpp"

// What waits for somebody's answer.
namespace headgate::proxy::gateway {

// A message whose record is on its way into the log, and who waits for that.
struct pending_publish {
  enum class waits : std::uint8_t {
    nobody,
    publisher,    // `client`, for its acknowledgement
    release,      // the session that `client` had, on its way back to the store behind its will
    stored_will,  // the pending_will with the number client.index
  };
  base::client_ref client;
  std::uint16_t packet_id = 0;  // of the publisher
  mqtt::qos qos{};
  waits who = waits::nobody;
};

// A CONNECT that waits for the authenticator, for the store, or for the holder of its session:
//
//   authenticating ──▶ claiming ──granted──▶ (connected)
//                         ▲  └──held──▶ asking ──answered, or takeover_patience_s over──┐
//                         └─────────────────────────────────────────────────────────────┘
struct pending_connect {
  enum class step : std::uint8_t { authenticating, claiming, asking };

  base::client_ref client;
  step at = step::authenticating;
  std::uint32_t waited_s = 0;
  mqtt::version version{};
  bool clean_start = false;
  bool bridge = false;
  bool id_assigned = false;
  bool wants_response_information = false;
  std::uint16_t keep_alive_s = 0;
  bool keep_alive_is_ours = false;  // the client asked for a longer one, or none, and has to be told
  std::uint16_t receive_maximum = 0;
  std::uint16_t alias_maximum = 0;
  std::uint32_t maximum_packet_size = 0;
  std::uint32_t expiry_s = 0;
  std::uint32_t users_version = 0;  // when the authenticator was asked
  std::string client_id;
  std::string user_name;
  std::optional<session::will> will;
};

// One filter of a SUBSCRIBE, or of a session that came back.
struct pending_filter {
  std::uint32_t filter = filter_table::none;  // none: refused
  subscription_options options;
  std::uint8_t retain_handling = 0;
  bool is_new = false;
  bool asked_again = false;      // a shared one: behind the room that its group has here now
  std::uint16_t unanswered = 0;  // shards
  bool nothing_retained = true;  // for this filter, on any shard that has answered
  std::uint64_t ends = 0;        // sum of the ends that they gave
};

// A SUBSCRIBE that waits for shards.
struct pending_subscribe {
  base::client_ref client;
  std::uint16_t packet_id = 0;
  bool spread = false;           // one of its filters asks several shards, or twice: counted in session::subscribing
  std::uint32_t unanswered = 0;  // filters
  std::vector<mqtt::reason_code> reasons;
  std::vector<pending_filter> filters;  // one a reason
};
struct pending_route {
  static constexpr std::uint32_t restored = 0xffff'ffff;  // as `subscribe`: of a session that came back

  std::uint32_t subscribe = 0;
  std::uint32_t place = 0;  // in pending_subscribe::filters; of a restored route its filter
  base::client_ref client;  // of a restored route
};

// An UNSUBSCRIBE of shared filters that waits for shards.
struct pending_unsubscribe {
  base::client_ref client;
  std::string answer;            // UNSUBACK
  std::uint32_t unanswered = 0;  // shards, once for each filter
};

// What waits in the line of a shard: the number of a pending_release or of a pending_unsubscribe.
struct behind_barrier {
  enum class kind : std::uint8_t { release, unsuback };
  kind what{};
  std::uint32_t number = 0;
};

// What goes on when the store has the session.
struct pending_answer {
  std::optional<base::client_ref> client;  // nothing: it is on its way back
  bool is_checkpoint = false;
  session::awaiting_save rest;
};

// A session given back.
struct pending_release {
  base::client_ref holder;                             // whose it was
  std::vector<session_store::takeover_answer> askers;  // hear when the store has it
  std::vector<session::released_message> finished;     // exchanges that their shards forget then
  std::unique_ptr<session_store::release> held;        // not null: its will goes first
  std::optional<session::released_message> will;       // the exchange of that, if it has one
  std::string unlogged_will;                           // this will, as it is stored, until the log has it
};

// A will that the store has handed over, on its way into the log.
struct pending_will {
  std::string client_id;
  std::string encoded;
  std::uint64_t number = 0;                           // in the store; 0: that has forgotten it
  std::uint64_t age = 0;                              // the older has the smaller one
  std::optional<session::released_message> exchange;  // that its shard forgets when the store has forgotten the will
};

// Retained messages that one filter of one session is being given, from one shard.
struct retained_scan {
  base::client_ref client;
  std::uint32_t filter = 0;
  std::uint16_t shard = 0;
  bool holds_log = false;  // above QoS 0: what comes live waits
  bool asked = false;      // an answer is on its way
  bool cut = false;        // the answer found no more room
  subscription_options options;
  std::uint64_t below = 0;
  std::string text;    // of the filter, without $share
  std::string cursor;  // the last topic done with
};

}  // namespace headgate::proxy::gateway
