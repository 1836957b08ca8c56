#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/record/block.hpp"

namespace headgate::broker::retained {

inline constexpr std::uint8_t value_version = 1;
// What stands before the record: version, log id, offset, timestamp.
inline constexpr std::size_t value_head_size = 1 + 4 + 8 + 8;

// What a shard's value says (FORMAT.md): how far the store has come in which log.
struct stored_shard {
  std::uint32_t number = 0;
  std::uint32_t log_id = 0;
  record::offset applied;
  friend bool operator==(const stored_shard&, const stored_shard&) = default;
};
std::string encode(const stored_shard& shard);
// Trusts nothing: any bytes give a value or nothing.
std::optional<stored_shard> decode_shard(std::string_view data);

// A retained message as it is stored, in parts one behind the other, so that it is copied once. Points to the record,
// which lives as long.
class value_parts {
 public:
  value_parts(std::uint32_t log_id, record::offset place, std::uint64_t timestamp_ms,
              const record::record_header& record);
  value_parts(const value_parts&) = delete;
  value_parts& operator=(const value_parts&) = delete;

  std::array<std::string_view, 3> all() const;

 private:
  std::array<char, value_head_size> head_;
  record::record_header header_;  // as it is stored: without its place in a batch and a segment, and its exchange
  std::string_view rest_;
};

// And as it is read, in the bytes of somebody else.
struct stored_value {
  std::uint32_t log_id = 0;
  record::offset place;
  std::uint64_t timestamp_ms = 0;
  record::record_header header;
  std::string_view rest;  // topic, properties, payload
};
// Trusts nothing: any bytes give a value of this topic or nothing.
std::optional<stored_value> decode_value(std::string_view topic, std::string_view data);

// In a batch of its own, of the log `log_id`. A value of another log stands nowhere in this one.
record::batch_ref batch_of(const stored_value& value, std::uint32_t log_id);

bool has_expired(const stored_value& value, std::uint64_t now_ms);

}  // namespace headgate::broker::retained
