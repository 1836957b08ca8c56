#include "tests/bench/flood/visit_source.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/bytes.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"

namespace headgate::bench::flood {

namespace {

using mqtt::version;

constexpr std::string_view disconnect("\xe0\x00", 2);
// Fixed header, "MQTT", level, flags, Keep Alive, and the length of the client id.
constexpr std::size_t connect_without_id = 14;
constexpr std::size_t shortest_id = 10;
// A Remaining Length of one byte, which all packets here have.
constexpr std::size_t longest_id = 100;

std::string packet(std::uint8_t first, const std::string& body) {
  return std::string{static_cast<char>(first), static_cast<char>(body.size())} + body;
}

std::string text(std::string_view content) {
  return std::string{static_cast<char>(content.size() >> 8), static_cast<char>(content.size())} + std::string(content);
}

// A CONNECT with Clean Session and a Keep Alive of a minute, of which the caller makes what it wants.
std::string connect_body(std::string_view name, int level, int flags, std::string_view properties,
                         std::string_view client_id) {
  auto body = text(name) + std::string{static_cast<char>(level), static_cast<char>(flags), 0, 60};
  if (level >= 5) body += std::string(1, static_cast<char>(properties.size())) + std::string(properties);
  return body + text(client_id);
}

}  // namespace

std::string visit_source::client_id() {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string id = "hostile-";
  for (auto left = 8 + below(24); left > 0; --left) id += letters[below(letters.size())];
  return id;
}

std::string visit_source::good_connect(version version, std::string_view client_id) {
  mqtt::connect asked;
  asked.version = version;
  asked.clean_start = true;
  asked.keep_alive_s = 60;
  asked.client_id = client_id;
  std::string bytes(mqtt::encoded_size(asked), '\0');
  mqtt::encode(asked, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

std::string visit_source::good_publish(version version, std::string_view topic) {
  constexpr std::size_t payload = 16;
  mqtt::publish_head head;
  head.version = version;
  head.topic = topic;
  head.payload_size = payload;
  std::string bytes(mqtt::encoded_size(head), 'x');
  mqtt::encode(head, reinterpret_cast<std::uint8_t*>(bytes.data()));
  bytes.resize(bytes[1] + std::size_t{2}, 'x');
  return bytes;
}

std::string visit_source::random_bytes(std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) bytes += static_cast<char>(below(256));
  return bytes;
}

std::string visit_source::wrong_name() {
  constexpr std::array<std::string_view, 6> names{"MQTX", "mqtt", "MQIsdq", "MQTTT", "", "HTTP"};
  return packet(0x10, connect_body(names[below(names.size())], 4, 2, {}, client_id()));
}

// Those of which the high bit is set are a bridge's, with whatever level is below it.
std::string visit_source::wrong_level() {
  constexpr std::array<int, 6> levels{0, 1, 3, 6, 7, 0x7f};
  return packet(0x10, connect_body("MQTT", levels[below(levels.size())], 2, {}, client_id()));
}

std::string visit_source::reserved_flags() {
  if (below(2) == 0)
    return packet(static_cast<std::uint8_t>(0x11 + below(15)), connect_body("MQTT", 4, 2, {}, client_id()));
  const bool is_5 = below(2) == 0;
  return packet(0x10, connect_body("MQTT", is_5 ? 5 : 4, 3, {}, client_id()));
}

std::string visit_source::long_length() {
  return std::string("\x10\xff\xff\xff\xff\x01", 6) + connect_body("MQTT", 4, 2, {}, client_id());
}

std::string visit_source::wrong_utf8() {
  using namespace std::string_view_literals;
  constexpr std::array<std::string_view, 6> wrong{"\xc3\x28"sv, "\xed\xa0\x80"sv,     "\0"sv,
                                                  "\xff"sv,     "\xf4\x90\x80\x80"sv, "\xc0\xaf"sv};
  const auto id = client_id();
  const auto middle = below(static_cast<std::uint32_t>(id.size()));
  return packet(0x10, connect_body("MQTT", below(2) == 0 ? 4 : 5, 2, {},
                                   id.substr(0, middle) + std::string(wrong[below(wrong.size())]) + id.substr(middle)));
}

std::string visit_source::wrong_properties() {
  using namespace std::string_view_literals;
  constexpr std::array<std::string_view, 6> wrong{
      "\x21\0\0"sv,               // Receive Maximum 0
      "\x21\0\x01\x21\0\x01"sv,   // twice
      "\x23\0\x01"sv,             // a topic alias, which is a PUBLISH's
      "\x7e\0"sv,                 // unknown
      "\x27\0\0"sv,               // cut short
      "\x11\0\0\0\x01\x11\0\0"sv  // and in the second
  };
  return packet(0x10, connect_body("MQTT", 5, 2, wrong[below(wrong.size())], client_id()));
}

std::string visit_source::wrong_publish(version version) {
  const auto id = client_id();
  auto good = good_publish(version, id);
  switch (below(5)) {
    case 0:  // QoS 3
      good[0] = 0x36;
      return good;
    case 1:  // not UTF-8
      good[4 + below(4)] = '\xff';
      return good;
    case 2:  // a topic with a wildcard
      good[4 + below(4)] = '#';
      return good;
    case 3:  // DUP with QoS 0
      good[0] = 0x38;
      return good;
    default:  // a topic past the end
      good[2] = '\x7f';
      return good;
  }
}

std::string visit_source::wrong_subscribe(version version) {
  const std::string properties = version == version::v5 ? std::string(1, '\0') : std::string();
  const auto id = client_id();
  switch (below(5)) {
    case 0:  // QoS 3
      return packet(0x82, std::string{'\0', '\1'} + properties + text(id) + "\x03");
    case 1:  // reserved bits
      return packet(0x82, std::string{'\0', '\1'} + properties + text(id) + "\xc0");
    case 2:  // reserved flags
      return packet(0x80, std::string{'\0', '\1'} + properties + text(id) + std::string(1, '\0'));
    case 3:  // no filter
      return packet(0x82, std::string{'\0', '\1'} + properties);
    default:  // packet id 0
      return packet(0x82, std::string(2, '\0') + properties + text(id) + std::string(1, '\0'));
  }
}

visit visit_source::malformed() {
  return malformed(static_cast<kind>(1 + below(kinds - 1)));
}

visit visit_source::malformed(kind what) {
  const auto version = any_version();
  switch (what) {
    case kind::wrong_name:
      return {what, ending::kept_out, wrong_name()};
    case kind::wrong_level:
      return {what, ending::kept_out, wrong_level()};
    case kind::reserved_flags:
      return {what, ending::kept_out, reserved_flags()};
    case kind::long_length:
      return {what, ending::kept_out, long_length()};
    case kind::wrong_utf8:
      return {what, ending::kept_out, wrong_utf8()};
    case kind::wrong_properties:
      return {what, ending::kept_out, wrong_properties()};
    case kind::publish_first:
      return {what, ending::kept_out, good_publish(version, client_id())};
    case kind::wrong_publish:  // all in one write
      return {what, ending::closed_when_in, good_connect(version, client_id()) + wrong_publish(version)};
    case kind::wrong_subscribe:
      return {what, ending::closed_when_in, good_connect(version, client_id()), wrong_subscribe(version)};
    case kind::cut_short:
    case kind::cut_by_reset: {
      const auto whole = good_connect(version, client_id());
      const bool resets = what == kind::cut_by_reset;
      const auto expected = resets ? ending::left : ending::kept_out;
      const auto kept = 1 + below(static_cast<std::uint32_t>(whole.size()) - 1);
      return {what, expected, whole.substr(0, kept), {}, !resets, resets};
    }
    case kind::random_bytes:
      return {what, ending::closed_or_waited, random_bytes(1 + below(100))};
    case kind::valid:
      break;
  }
  return valid();
}

visit visit_source::valid() {
  owed_ += static_cast<std::int64_t>(malformed().size());
  constexpr auto without_id = static_cast<std::int64_t>(connect_without_id + disconnect.size());
  const auto id_size = std::clamp<std::int64_t>(owed_ - without_id, shortest_id, longest_id);
  std::array<char, shortest_id + 1> number{};
  std::snprintf(number.data(), number.size(), "%010llu", static_cast<unsigned long long>(number_++ % 10'000'000'000));
  const auto id = number.data() + std::string(static_cast<std::size_t>(id_size) - shortest_id, 'v');
  visit made{kind::valid, ending::completed, good_connect(version::v3_1_1, id), std::string(disconnect)};
  owed_ -= static_cast<std::int64_t>(made.size());
  return made;
}

}  // namespace headgate::bench::flood
