#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"
#include "base/strong.hpp"

// The bytes of a record and of a batch, as FORMAT.md describes them: little-endian, 8-aligned.
namespace headgate::broker::record {

using offset = base::strong<struct offset_tag, std::uint64_t>;
// Of a message that no log has any more: no log gives it.
inline constexpr offset nowhere{(std::uint64_t{1} << 63) - 1};
// A producer's count of the records it gave to one shard, from 1; each number is given once.
using sequence = base::strong<struct sequence_tag, std::uint64_t>;
// Random, drawn at a worker's start.
using producer_id = base::strong<struct producer_id_tag, std::uint64_t>;

inline constexpr std::uint8_t format_version = 1;
inline constexpr std::size_t alignment = 8;
constexpr std::size_t aligned(std::size_t size) {
  return (size + alignment - 1) & ~(alignment - 1);
}

struct batch_header {
  std::uint8_t version = format_version;
  std::uint8_t codec = 0;       // 0: none
  std::uint16_t exchanges = 0;  // records with an exchange
  std::uint32_t size = 0;       // with this header
  std::uint64_t base_offset = 0;
  std::uint64_t timestamp_ms = 0;  // the shard's clock, since 1970
  std::uint32_t count = 0;         // records with an offset
  std::uint32_t passing =
      0;  // records without one (QoS 0 without RETAIN): delivered at their place, never written to a log
  std::uint32_t crc32c = 0;
  std::uint32_t log_id = 0;
  std::uint64_t epoch = 0;
  std::uint64_t producer = 0;
  std::uint64_t first_sequence = 0;
};
static_assert(sizeof(batch_header) == 64);

enum class kind : std::uint8_t {
  message = 1,
  repeated = 2,  // a message that the log has already: it keeps its place, and nobody is shown it
  snapshot = 3,  // of what the shard knows (broker/shard/FORMAT.md)
  groups = 4,    // how far shared subscriptions are (there, too)
};

// Bits of record_header::flags.
inline constexpr std::uint8_t flag_qos_mask = 0x03;
inline constexpr std::uint8_t flag_retain = 0x04;
inline constexpr std::uint8_t flag_exchange = 0x08;

// By which a QoS 2 message is known when it comes again: a random number of its session, and the message's own there,
// from 1; or a will: a random number of its own, and 1. Nonce 0: it has none.
struct exchange {
  std::uint64_t nonce = 0;
  std::uint64_t number = 0;
  friend bool operator==(const exchange&, const exchange&) = default;
};

struct record_header {
  std::uint32_t size = 0;  // header, topic, properties, payload and exchange; the next record starts at aligned(size)
  std::uint16_t topic_size = 0;
  record::kind kind = kind::message;
  std::uint8_t flags = 0;
  std::uint64_t topic_hash = 0;
  std::uint64_t publisher_hash = 0;
  std::uint32_t expiry_s = 0;  // from the batch's timestamp; mqtt::no_expiry: never
  std::uint32_t properties_size = 0;
  std::uint32_t offset_delta = 0;  // offset - base_offset; for a passing record that of the next one with an offset
  std::uint32_t previous_distance = 0;  // bytes back to the previous record of its topic in its segment, 0: none

  std::uint8_t qos() const { return flags & flag_qos_mask; }
  bool is_message() const { return kind == kind::message; }
  bool is_retained() const { return is_message() && (flags & flag_retain) != 0; }
  bool has_exchange() const { return (flags & flag_exchange) != 0; }
  // Records above QoS 0, and those that a retained store replays: they are in the log.
  bool has_offset() const { return (flags & (flag_qos_mask | flag_retain)) != 0; }

  const std::uint8_t* body() const { return reinterpret_cast<const std::uint8_t*>(this + 1); }
  std::string_view topic() const { return {reinterpret_cast<const char*>(body()), topic_size}; }
  base::bytes properties() const { return {body() + topic_size, properties_size}; }
  base::bytes payload() const {
    const auto before = sizeof(record_header) + topic_size + properties_size;
    return {reinterpret_cast<const std::uint8_t*>(this) + before, size - before - exchange_size()};
  }
  // has_exchange() must hold.
  record::exchange exchange() const {
    record::exchange found;
    std::memcpy(&found, reinterpret_cast<const std::uint8_t*>(this) + size - sizeof(found), sizeof(found));
    return found;
  }
  std::size_t exchange_size() const { return has_exchange() ? sizeof(record::exchange) : 0; }
};
static_assert(sizeof(record_header) == 40);

// Calls visit(record_header&) for each record of a whole, trusted batch (one that this process built), until it answers
// false.
template <class Visit>
void for_each_record_while(batch_header& batch, Visit visit) {
  auto* at = reinterpret_cast<std::uint8_t*>(&batch) + sizeof(batch_header);
  for (auto left = batch.count + batch.passing; left > 0; --left) {
    auto& record = *reinterpret_cast<record_header*>(at);
    at += aligned(record.size);
    if (!visit(record)) return;
  }
}

template <class Visit>
void for_each_record(batch_header& batch, Visit visit) {
  for_each_record_while(batch, [&](record_header& record) {
    visit(record);
    return true;
  });
}

}  // namespace headgate::broker::record
