#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "loadtest/core/sequence_set.hpp"
#include "mqtt/types.hpp"

// What the audit keeps of a publisher and of an audience; audit.hpp says what it means.
namespace headgate::loadtest::core {

// What is out of the ordinary at a publisher: with the first of it.
struct publisher_details {
  // Messages from `from` on, up to that of the next entry, were sent between the two instants.
  struct sent_at {
    std::uint64_t first_ns = 0;
    std::uint64_t last_ns = 0;
    std::uint64_t from = 0;
  };
  sequence_set settled;  // acknowledged, refused or abandoned, above settled_below
  sequence_set refused;
  sequence_set abandoned;
  sequence_set sent_again;
  std::vector<sent_at> times;              // only with an expiry
  std::uint64_t interval_ns = 50'000'000;  // between two times, at least
};

struct publisher_record {
  std::uint64_t sent = 0;           // the next sequence number
  std::uint64_t settled_below = 0;  // all below are acknowledged, refused or abandoned; unused at QoS 0
  std::uint64_t acknowledged = 0;   // how many
  std::uint64_t given_up = 0;       // how many were refused or abandoned
  std::uint32_t expiry_s = mqtt::no_expiry;
  std::uint32_t topics = 1;
  mqtt::qos qos = mqtt::qos::at_most_once;
  bool forgot = false;  // what became of some of its messages
  std::unique_ptr<publisher_details> more;
};

struct audience_record {
  mqtt::qos qos = mqtt::qos::at_most_once;
  bool is_shared = false;
  bool is_persistent = false;
  bool is_active = false;     // what is sent now is due: subscribed, or its session is to be kept
  bool has_ended = false;     // a connection of it
  bool is_contiguous = true;  // its publishers have numbers without a gap
  bool lacks_flows = false;   // there was no memory for some
  std::uint32_t first_flow = 0;
  std::uint32_t flows = 0;
  std::uint32_t last_flow = 0;  // the one found last
  std::uint32_t first_publisher = 0;
  std::uint32_t members = 0;      // subscribed, present or kept by the server; one that is not shared: 0 or 1
  std::uint32_t away = 0;         // of them, with a persistent session
  std::uint32_t resubscribe = 0;  // of them, whose session was lost
  std::uint64_t away_since_ns = 0;
  std::uint64_t unreadable = 0;  // payloads that stand for something missing
};

}  // namespace headgate::loadtest::core
