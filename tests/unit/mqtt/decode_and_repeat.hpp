#pragma once

#include <algorithm>
#include <vector>

#include "base/assert.hpp"
#include "mqtt/connack.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/disconnect.hpp"
#include "mqtt/acknowledgement.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/unsubscribe.hpp"

// For the fuzzer and the tests of robustness: decodes a packet by its type, and where that succeeds and there is an
// encoder, encodes what was found, decodes that and encodes it again: the bytes must be the same. A difference is a bug
// of ours: it ends the process.
namespace headgate::mqtt {

inline frame whole_frame(bytes data) {
  const frame_outcome outcome = next_frame(data, 0xffff'ffff);
  HEADGATE_ASSERT(outcome.what == frame_outcome::kind::complete);
  HEADGATE_ASSERT(outcome.size == data.size());
  return outcome.packet;
}

template <class Packet, class... Version>
std::vector<std::uint8_t> encode_exactly(const Packet& packet, Version... version) {
  std::vector<std::uint8_t> out(encoded_size(packet, version...));
  HEADGATE_ASSERT(encode(packet, version..., out.data()) == out.data() + out.size());
  return out;
}

inline std::vector<std::uint8_t> encode_exactly(const puback& packet, version version) {
  std::vector<std::uint8_t> out(max_puback_size);
  out.resize(static_cast<std::size_t>(encode(packet, version, out.data()) - out.data()));
  return out;
}

inline std::vector<std::uint8_t> encode_exactly(const decoded_suback& packet, version version) {
  return encode_exactly(suback{packet.packet_id, packet.reasons}, version);
}

template <class Packet, class Decode, class... Version>
void repeat(const Packet& packet, Decode decode, Version... version) {
  const std::vector<std::uint8_t> first = encode_exactly(packet, version...);
  const auto decoded = decode(whole_frame(first));
  HEADGATE_ASSERT(static_cast<bool>(decoded));
  HEADGATE_ASSERT(encode_exactly(*decoded, version...) == first);
}

inline void repeat_publish(const publish_view& view, version version) {
  std::vector<std::uint8_t> properties(view.properties.size());
  properties.resize(
      static_cast<std::size_t>(copy_forwarded_properties(view.properties, properties.data()) - properties.data()));
  HEADGATE_ASSERT(view.properties_need_filter == (properties.size() != view.properties.size()));
  const publish_head head{
      .version = version,
      .qos = view.qos,
      .dup = view.dup,
      .retain = view.retain,
      .packet_id = view.packet_id,
      .topic = view.topic.empty() ? "behind an alias" : view.topic,
      .properties = properties,
      .message_expiry_interval_s = view.message_expiry_interval_s,
      .payload_size = view.payload.size(),
  };
  std::vector<std::uint8_t> data = encode_exactly(head);
  data.insert(data.end(), view.payload.begin(), view.payload.end());
  const auto again = decode_publish(whole_frame(data), version);
  HEADGATE_ASSERT(static_cast<bool>(again));
  HEADGATE_ASSERT(again->qos == head.qos && again->dup == head.dup && again->retain == head.retain);
  HEADGATE_ASSERT(again->packet_id == head.packet_id && again->topic == head.topic && again->topic_alias == 0);
  HEADGATE_ASSERT(again->message_expiry_interval_s == head.message_expiry_interval_s);
  HEADGATE_ASSERT(std::ranges::equal(again->payload, view.payload));
  HEADGATE_ASSERT(again->properties_need_filter == (head.message_expiry_interval_s != no_expiry));
  std::vector<std::uint8_t> forwarded(again->properties.size());
  forwarded.resize(
      static_cast<std::size_t>(copy_forwarded_properties(again->properties, forwarded.data()) - forwarded.data()));
  HEADGATE_ASSERT(forwarded == properties);
}

// Whether the packet could be decoded; true also for types without a decoder.
inline bool decode_and_repeat(const frame& packet, version version, sender sender) {
  const auto repeat_in_version = [&](const auto& decoded, auto decode) {
    if (decoded)
      repeat(
          *decoded, [&](const frame& again) { return decode(again, version); }, version);
    return static_cast<bool>(decoded);
  };
  switch (packet.type) {
    case packet_type::connect: {
      const auto decoded = decode_connect(packet);
      if (!decoded) version_of_broken_connect(packet);
      if (decoded && !decoded->will) repeat(*decoded, decode_connect);
      return static_cast<bool>(decoded);
    }
    case packet_type::publish: {
      const auto decoded = decode_publish(packet, version, sender);
      if (decoded) repeat_publish(*decoded, version);
      return static_cast<bool>(decoded);
    }
    case packet_type::disconnect:
      return repeat_in_version(decode_disconnect(packet, version, sender),
                               [sender](const frame& again, auto v) { return decode_disconnect(again, v, sender); });
    case packet_type::connack:
      return repeat_in_version(decode_connack(packet, version), decode_connack);
    case packet_type::puback:
      return repeat_in_version(decode_puback(packet, version), decode_puback);
    case packet_type::subscribe:
      return repeat_in_version(decode_subscribe(packet, version), decode_subscribe);
    case packet_type::suback:
      return repeat_in_version(decode_suback(packet, version), decode_suback);
    case packet_type::unsubscribe:
      return static_cast<bool>(decode_unsubscribe(packet, version));
    case packet_type::pubrec:
    case packet_type::pubrel:
    case packet_type::pubcomp:
    case packet_type::unsuback:
    case packet_type::pingreq:
    case packet_type::pingresp:
    case packet_type::auth:
      return true;
  }
  return false;
}

}  // namespace headgate::mqtt
