#pragma once

#include <algorithm>
#include <vector>

#include "base/assert.hpp"
#include "mqtt/acknowledgement.hpp"
#include "mqtt/connack.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/disconnect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/unsuback.hpp"
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

inline std::vector<std::uint8_t> encode_exactly(const decoded_suback& packet, version version) {
  return encode_exactly(suback{packet.packet_id, packet.reasons, packet.reason_string}, version);
}

inline std::vector<std::uint8_t> encode_exactly(const decoded_unsuback& packet, version version) {
  return encode_exactly(unsuback{packet.packet_id, packet.reasons, packet.reason_string}, version);
}

template <class Packet, class Decode, class... Version>
void repeat(const Packet& packet, Decode decode, Version... version) {
  const std::vector<std::uint8_t> first = encode_exactly(packet, version...);
  const auto decoded = decode(whole_frame(first));
  HEADGATE_ASSERT(static_cast<bool>(decoded));
  HEADGATE_ASSERT(encode_exactly(*decoded, version...) == first);
}

inline std::vector<std::uint8_t> forwarded_of(bytes properties) {
  std::vector<std::uint8_t> out(forwarded_properties_size(properties));
  HEADGATE_ASSERT(copy_forwarded_properties(properties, out.data()) == out.data() + out.size());
  return out;
}

// The will's properties are written in another order than they may have come.
inline void repeat_connect(const connect& packet) {
  repeat(packet, decode_connect);
  const auto data = encode_exactly(packet);
  const auto again = decode_connect(whole_frame(data));
  HEADGATE_ASSERT(static_cast<bool>(again));
  HEADGATE_ASSERT(again->version == packet.version && again->bridge == packet.bridge);
  HEADGATE_ASSERT(again->will.has_value() == packet.will.has_value());
  if (!packet.will) return;
  const will_view& will = *packet.will;
  HEADGATE_ASSERT(again->will->qos == will.qos && again->will->retain == will.retain);
  HEADGATE_ASSERT(again->will->topic == will.topic && std::ranges::equal(again->will->payload, will.payload));
  HEADGATE_ASSERT(again->will->delay_interval_s == will.delay_interval_s);
  HEADGATE_ASSERT(again->will->message_expiry_interval_s == will.message_expiry_interval_s);
  const auto properties = forwarded_of(will.properties);
  HEADGATE_ASSERT(will.properties_need_filter == (properties.size() != will.properties.size()));
  HEADGATE_ASSERT(forwarded_of(again->will->properties) == properties);
}

inline void repeat_publish(const publish_view& view, version version) {
  const auto properties = forwarded_of(view.properties);
  HEADGATE_ASSERT(view.properties_need_filter == (properties.size() != view.properties.size()));
  const auto identifiers = subscription_identifiers_of(view.properties);
  const publish_head head{
      .version = version,
      .qos = view.qos,
      .dup = view.dup,
      .retain = view.retain,
      .packet_id = view.packet_id,
      .topic = view.topic,
      .properties = properties,
      .message_expiry_interval_s = view.message_expiry_interval_s,
      .topic_alias = view.topic_alias,
      .subscription_identifiers = identifiers,
      .payload_size = view.payload.size(),
  };
  std::vector<std::uint8_t> data = encode_exactly(head);
  data.insert(data.end(), view.payload.begin(), view.payload.end());
  const auto again = decode_publish(whole_frame(data), version, sender::server);
  HEADGATE_ASSERT(static_cast<bool>(again));
  HEADGATE_ASSERT(again->qos == head.qos && again->dup == head.dup && again->retain == head.retain);
  HEADGATE_ASSERT(again->packet_id == head.packet_id && again->topic == head.topic &&
                  again->topic_alias == head.topic_alias);
  HEADGATE_ASSERT(again->message_expiry_interval_s == head.message_expiry_interval_s);
  HEADGATE_ASSERT(std::ranges::equal(again->payload, view.payload));
  HEADGATE_ASSERT(again->properties_need_filter ==
                  (head.message_expiry_interval_s != no_expiry || head.topic_alias != 0 || !identifiers.empty()));
  HEADGATE_ASSERT(subscription_identifiers_of(again->properties) == identifiers);
  HEADGATE_ASSERT(forwarded_of(again->properties) == properties);
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
      if (decoded) repeat_connect(*decoded);
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
    case packet_type::pubrec:
    case packet_type::pubrel:
    case packet_type::pubcomp:
      return repeat_in_version(decode_acknowledgement(packet, version), decode_acknowledgement);
    case packet_type::subscribe:
      return repeat_in_version(decode_subscribe(packet, version), decode_subscribe);
    case packet_type::suback:
      return repeat_in_version(decode_suback(packet, version), decode_suback);
    case packet_type::unsubscribe:
      return repeat_in_version(decode_unsubscribe(packet, version), decode_unsubscribe);
    case packet_type::unsuback:
      return repeat_in_version(decode_unsuback(packet, version), decode_unsuback);
    case packet_type::pingreq:
    case packet_type::pingresp:
    case packet_type::auth:
      return true;
  }
  return false;
}

}  // namespace headgate::mqtt
