#include "broker/retained/stored_value.hpp"

#include <bit>
#include <cstring>

#include "base/hash.hpp"
#include "mqtt/types.hpp"

namespace headgate::broker::retained {
namespace {

static_assert(std::endian::native == std::endian::little, "values are stored as they stand in memory");

constexpr std::uint8_t shard_version = 1;
constexpr std::size_t shard_size = 1 + 4 + 4 + 8;

template <class Number>
char* write(char* at, Number number) {
  std::memcpy(at, &number, sizeof(number));
  return at + sizeof(number);
}

template <class Number>
Number read(const char* at) {
  Number number;
  std::memcpy(&number, at, sizeof(number));
  return number;
}

// Whether a record says of itself what a store keeps: a message of this topic with RETAIN and a payload.
bool is_whole(const record::record_header& header, std::string_view topic, std::string_view rest) {
  const auto before_payload = std::uint64_t{header.topic_size} + header.properties_size;
  return header.size == sizeof(header) + rest.size() && before_payload < rest.size() &&
         rest.substr(0, header.topic_size) == topic && header.topic_hash == base::hash_of(topic) &&
         header.kind == record::kind::message && header.is_retained() && header.qos() <= 2 &&
         (header.flags & ~(record::flag_qos_mask | record::flag_retain)) == 0 && header.offset_delta == 0 &&
         header.previous_distance == 0;
}

}  // namespace

std::string encode(const stored_shard& shard) {
  std::string data(shard_size, '\0');
  auto* at = write(data.data(), shard_version);
  at = write(at, shard.number);
  at = write(at, shard.log_id);
  write(at, shard.applied.value);
  return data;
}

std::optional<stored_shard> decode_shard(std::string_view data) {
  if (data.size() != shard_size || static_cast<std::uint8_t>(data[0]) != shard_version) return std::nullopt;
  return stored_shard{read<std::uint32_t>(data.data() + 1), read<std::uint32_t>(data.data() + 5),
                      record::offset{read<std::uint64_t>(data.data() + 9)}};
}

value_parts::value_parts(std::uint32_t log_id, record::offset place, std::uint64_t timestamp_ms,
                         const record::record_header& record)
    : header_(record),
      rest_(reinterpret_cast<const char*>(record.body()), record.size - sizeof(record) - record.exchange_size()) {
  auto* at = write(head_.data(), value_version);
  at = write(at, log_id);
  at = write(at, place.value);
  write(at, timestamp_ms);
  header_.size -= static_cast<std::uint32_t>(record.exchange_size());
  header_.flags &= static_cast<std::uint8_t>(~record::flag_exchange);
  header_.offset_delta = 0;
  header_.previous_distance = 0;
}

std::array<std::string_view, 3> value_parts::all() const {
  return {std::string_view(head_.data(), head_.size()),
          std::string_view(reinterpret_cast<const char*>(&header_), sizeof(header_)), rest_};
}

std::optional<stored_value> decode_value(std::string_view topic, std::string_view data) {
  constexpr auto least = value_head_size + sizeof(record::record_header);
  if (data.size() < least || static_cast<std::uint8_t>(data[0]) != value_version) return std::nullopt;
  stored_value value;
  value.log_id = read<std::uint32_t>(data.data() + 1);
  value.place = record::offset{read<std::uint64_t>(data.data() + 5)};
  value.timestamp_ms = read<std::uint64_t>(data.data() + 13);
  value.header = read<record::record_header>(data.data() + value_head_size);
  value.rest = data.substr(least);
  if (!is_whole(value.header, topic, value.rest)) return std::nullopt;
  return value;
}

record::batch_ref batch_of(const stored_value& value, std::uint32_t log_id) {
  const auto size = sizeof(record::batch_header) + record::aligned(value.header.size);
  record::batch_ref batch{record::block_ref::make(size)};
  auto* const bytes = batch.memory->bytes.get();
  std::memset(bytes + size - record::alignment, 0, record::alignment);
  auto& header = *new (bytes) record::batch_header;
  header.size = static_cast<std::uint32_t>(size);
  header.base_offset = (value.log_id == log_id ? value.place : record::nowhere).value;
  header.timestamp_ms = value.timestamp_ms;
  header.count = 1;
  header.log_id = log_id;
  auto* const at = bytes + sizeof(record::batch_header);
  std::memcpy(at, &value.header, sizeof(value.header));
  std::memcpy(at + sizeof(value.header), value.rest.data(), value.rest.size());
  return batch;
}

bool has_expired(const stored_value& value, std::uint64_t now_ms) {
  return value.header.expiry_s != mqtt::no_expiry &&
         now_ms >= value.timestamp_ms + std::uint64_t{value.header.expiry_s} * 1000;
}

}  // namespace headgate::broker::retained
