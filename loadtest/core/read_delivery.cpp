#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>

#include "base/byte_cursor.hpp"
#include "loadtest/core/message.hpp"
#include "mqtt/properties.hpp"

namespace headgate::loadtest::core {

namespace {

// Leaves out the properties of a PUBLISH; nullptr if they are longer than the packet.
const std::uint8_t* after_properties(const std::uint8_t* at, const std::uint8_t* end) {
  if (at < end && *at < 0x80) return *at < end - at ? at + 1 + *at : nullptr;
  base::byte_cursor cursor({at, end});
  const auto size = mqtt::read_variable_byte_integer(cursor);
  if (!size || *size > cursor.remaining()) return nullptr;
  return end - (cursor.remaining() - *size);
}

}  // namespace

std::uint32_t check_of(base::bytes data) {
  return static_cast<std::uint32_t>(XXH3_64bits(data.data(), data.size()));
}

received read_delivery(const packet& found, mqtt::version version, std::uint32_t run) {
  received read;
  read.dup = (found.first_byte & 8) != 0;
  read.retain = (found.first_byte & 1) != 0;
  read.qos = static_cast<std::uint8_t>(found.first_byte >> 1 & 3);
  const std::size_t id_size = read.qos != 0 ? 2 : 0;
  if (found.size < 2 || read.qos == 3) return read;
  const std::size_t topic_size = read_u16(found.body);
  if (topic_size == 0 || found.size < 2 + topic_size + id_size) return read;
  const std::uint8_t* const topic = found.body + 2;
  const std::uint8_t* payload = topic + topic_size;
  if (id_size != 0) {
    read.packet_id = read_u16(payload);
    if (read.packet_id == 0) return read;
    payload += 2;
  }
  if (version == mqtt::version::v5) payload = after_properties(payload, found.end());
  if (payload == nullptr) return read;

  read.payload_size = static_cast<std::uint32_t>(found.end() - payload);
  read.what = received::kind::unreadable;
  if (read.payload_size < sizeof(stamp)) return read;
  std::memcpy(&read.mark, payload, sizeof(stamp));
  if (read.mark.check != check_of({payload, offsetof(stamp, check)})) return read;
  read.what = received::kind::foreign;
  if (read.mark.run != run) return read;
  read.what = received::kind::ours;
  read.has_own_topic = read.mark.topic_hash == check_of({topic, topic_size});
  read.is_whole = read.mark.size == read.payload_size &&
                  read.mark.body_check == check_of({payload + sizeof(stamp), read.payload_size - sizeof(stamp)});
  return read;
}

}  // namespace headgate::loadtest::core
