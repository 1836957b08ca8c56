#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mqtt/acknowledgement.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/disconnect.hpp"
#include "mqtt/properties.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/unsubscribe.hpp"
#include "tests/fuzz/conversations/script.hpp"

// Packets of a client that are well-formed, or nearly: the script decides what stands in them. What it can choose from
// is little, so that connections meet each other at the same topics, client ids and packet ids.
namespace headgate::fuzz {

template <class Packet, class... Version>
std::string encoded(const Packet& packet, Version... version) {
  std::string text(mqtt::encoded_size(packet, version...), '\0');
  mqtt::encode(packet, version..., reinterpret_cast<std::uint8_t*>(text.data()));
  return text;
}

inline std::string drawn_topic(script& script) {
  std::string topic = script.one_of<const char*>({"a", "b", "a", "", "$c"});
  for (auto left = script.below(4); left > 0; --left)
    topic += script.one_of<const char*>({"/a", "/b", "/", "/\xc3\xa9"});
  return topic.empty() ? "a/b" : topic;
}

inline std::string drawn_filter(script& script) {
  std::string filter = script.one_of<const char*>({"", "", "", "$share/g/", "$share/h/"});
  filter += script.one_of<const char*>({"a", "+", "#", "b", "$c"});
  if (filter.ends_with('#')) return filter;
  for (auto left = script.below(4); left > 0; --left) {
    filter += script.one_of<const char*>({"/a", "/+", "/#", "/b", "/"});
    if (filter.ends_with('#')) break;
  }
  return filter;
}

inline mqtt::qos drawn_qos(script& script) {
  return static_cast<mqtt::qos>(script.below(3));
}

inline std::string drawn_payload(script& script) {
  const auto size = script.byte();
  if (size == 255) return std::string(3000, 'p');  // sent from its record
  return std::string(script.text(size % 16));
}

// Few, so that they are used again; sometimes any.
inline std::uint16_t drawn_packet_id(script& script) {
  const auto chosen = script.byte();
  if (chosen >= 250) return std::max<std::uint16_t>(1, script.number());
  return static_cast<std::uint16_t>(1 + chosen % 8);
}

// Of a PUBLISH or a will, in MQTT 5.
inline std::string drawn_properties(script& script) {
  using mqtt::property_id;
  std::string properties(64, '\0');
  auto* const begin = reinterpret_cast<std::uint8_t*>(properties.data());
  auto* end = begin;
  const auto which = script.byte();
  if ((which & 0x41) == 0x41) end = mqtt::write_property(end, property_id::payload_format_indicator, std::uint8_t{0});
  if ((which & 0x42) == 0x42) end = mqtt::write_property(end, property_id::content_type, std::string_view("text"));
  if ((which & 0x44) == 0x44) end = mqtt::write_property(end, property_id::response_topic, std::string_view("b/a"));
  if ((which & 0x48) == 0x48)
    end = mqtt::write_property(end, property_id::correlation_data, std::string_view("\0\1", 2));
  properties.resize(static_cast<std::size_t>(end - begin));
  if ((which & 0x50) == 0x50) properties += std::string("\x26\0\1n\0\1v", 7);
  return properties;
}

inline std::uint32_t drawn_expiry(script& script) {
  return script.one_of<std::uint32_t>({mqtt::no_expiry, mqtt::no_expiry, mqtt::no_expiry, 1, 5, 0});
}

inline mqtt::version drawn_version(script& script) {
  using mqtt::version;
  return script.one_of({version::v5, version::v5, version::v3_1_1, version::v5, version::v3_1});
}

inline std::string drawn_connect(script& script, mqtt::version version) {
  mqtt::connect packet;
  packet.version = version;
  const bool v5 = version == mqtt::version::v5;
  packet.client_id = script.one_of<std::string_view>({"x", "y", "z", "x", ""});
  if (packet.client_id.empty() && version == mqtt::version::v3_1) packet.client_id = "y";
  const auto flags = script.byte();
  packet.clean_start = (flags & 1) != 0 || (packet.client_id.empty() && !v5);
  packet.bridge = !v5 && (flags & 0x60) == 0x60;
  packet.keep_alive_s = script.one_of<std::uint16_t>({0, 60, 1, 10});
  std::string topic;
  std::string payload;
  std::string properties;
  if ((flags & 2) != 0) {
    topic = drawn_topic(script);
    payload = drawn_payload(script);
    if (v5) properties = drawn_properties(script);
    auto& will = packet.will.emplace();
    will.qos = drawn_qos(script);
    will.retain = (flags & 4) != 0;
    will.topic = topic;
    will.payload = base::as_bytes(payload);
    will.properties = base::as_bytes(properties);
    if (v5) will.delay_interval_s = script.one_of<std::uint32_t>({0, 1, 5, 100, 0xffff'ffff});
    if (v5) will.message_expiry_interval_s = drawn_expiry(script);
  }
  if ((flags & 8) != 0) packet.user_name = script.one_of<std::string_view>({"user", "stranger", "other"});
  if ((flags & 24) == 24) packet.password = base::as_bytes("secret");
  if (!v5) return encoded(packet);
  packet.session_expiry_interval_s = script.one_of<std::uint32_t>({0, 100, 1, 3600, 0xffff'ffff});
  packet.receive_maximum = script.one_of<std::uint16_t>({65'535, 1, 2, 5});
  if ((flags & 0xc0) == 0xc0) packet.maximum_packet_size = script.one_of<std::uint32_t>({60, 25, 12, 4, 300, 1});
  packet.topic_alias_maximum = script.one_of<std::uint16_t>({0, 1, 3, 65'535});
  packet.request_problem_information = (flags & 32) == 0;
  packet.request_response_information = (flags & 64) != 0;
  if (script.byte() == 200) packet.authentication_method = "method";
  return encoded(packet);
}

inline std::string drawn_subscribe(script& script, mqtt::version version) {
  mqtt::subscribe packet;
  packet.packet_id = drawn_packet_id(script);
  const bool v5 = version == mqtt::version::v5;
  if (v5) packet.subscription_identifier = script.one_of<std::uint32_t>({0, 1, 2, 300, 268'435'455});
  std::vector<std::string> filters(1 + script.below(3));
  for (auto& filter : filters) {
    filter = drawn_filter(script);
    const auto options = script.byte();
    mqtt::subscription asked{filter, static_cast<mqtt::qos>(options % 3)};
    if (v5) {
      asked.no_local = (options & 0x30) == 0x30;
      asked.retain_as_published = (options & 8) != 0;
      asked.retain_handling = static_cast<std::uint8_t>((options >> 6) % 3);
    }
    packet.subscriptions.push_back(asked);
  }
  return encoded(packet, version);
}

inline std::string drawn_unsubscribe(script& script, mqtt::version version) {
  mqtt::unsubscribe packet;
  packet.packet_id = drawn_packet_id(script);
  std::vector<std::string> filters(1 + script.below(2));
  for (auto& filter : filters) {
    filter = drawn_filter(script);
    packet.filters.push_back(filter);
  }
  return encoded(packet, version);
}

inline std::string drawn_publish(script& script, mqtt::version version) {
  const auto flags = script.byte();
  mqtt::publish_head head;
  head.version = version;
  head.qos = static_cast<mqtt::qos>((flags & 15) % 3);
  head.dup = head.qos != mqtt::qos::at_most_once && (flags & 0xc0) == 0xc0;
  head.retain = (flags & 16) != 0;
  if (head.qos != mqtt::qos::at_most_once) head.packet_id = drawn_packet_id(script);
  auto topic = drawn_topic(script);
  std::string properties;
  if (version == mqtt::version::v5) {
    properties = drawn_properties(script);
    head.message_expiry_interval_s = drawn_expiry(script);
    if ((flags & 32) != 0) head.topic_alias = script.one_of<std::uint16_t>({1, 2, 1, 64, 65});
    if (head.topic_alias != 0 && script.one_in(2)) topic.clear();
  }
  head.topic = topic;
  head.properties = base::as_bytes(properties);
  const auto payload = drawn_payload(script);
  head.payload_size = payload.size();
  return encoded(head) + payload;
}

// Right for its type, or not.
inline std::string drawn_acknowledgement(script& script, mqtt::version version) {
  using mqtt::packet_type;
  mqtt::acknowledgement packet;
  packet.type = script.one_of({packet_type::puback, packet_type::pubrec, packet_type::pubrel, packet_type::pubcomp});
  packet.packet_id = drawn_packet_id(script);
  if (version == mqtt::version::v5) {
    packet.reason = static_cast<mqtt::reason_code>(script.one_of({0, 0, 0x80, 0x92, 0x10}));
    if (script.one_in(4)) packet.reason_string = "why";
  }
  return encoded(packet, version);
}

inline std::string drawn_disconnect(script& script, mqtt::version version) {
  mqtt::disconnect packet;
  if (version == mqtt::version::v5) {
    packet.reason = static_cast<mqtt::reason_code>(script.one_of({0, 4, 0x80}));
    const auto expiry = script.one_of<std::uint32_t>({7, 0, 50, 0xffff'ffff});
    if (expiry != 7) packet.session_expiry_interval_s = expiry;
  }
  return encoded(packet, version);
}

}  // namespace headgate::fuzz
