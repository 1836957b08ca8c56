#include "tests/unit/worker/heard.hpp"

#include <cstdio>

#include "mqtt/acknowledgement.hpp"
#include "mqtt/connack.hpp"
#include "mqtt/disconnect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/suback.hpp"
#include "mqtt/unsuback.hpp"

namespace headgate::worker::testing {

std::string hex_of(mqtt::reason_code reason) {
  char text[3];
  std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(reason));
  return text;
}

namespace {

std::string line_of_publish(const mqtt::frame& packet, mqtt::version version) {
  const auto publish = mqtt::decode_publish(packet, version, mqtt::sender::server);
  if (!publish) return "publish that is malformed";
  auto line = "publish q" + std::to_string(static_cast<int>(publish->qos));
  if (publish->qos != mqtt::qos::at_most_once) line += " #" + std::to_string(publish->packet_id);
  if (publish->dup) line += " dup";
  if (publish->retain) line += " retain";
  if (publish->topic_alias != 0) line += " alias " + std::to_string(publish->topic_alias);
  for (const auto id : mqtt::subscription_identifiers_of(publish->properties)) line += " id=" + std::to_string(id);
  if (!publish->topic.empty()) line += " " + std::string(publish->topic);
  return line + " " + std::string(base::as_text(publish->payload));
}

std::string line_of_acknowledgement(const char* name, const mqtt::frame& packet, mqtt::version version) {
  const auto answer = mqtt::decode_acknowledgement(packet, version);
  if (!answer) return std::string(name) + " that is malformed";
  const auto reason = answer->reason == mqtt::reason_code::success ? std::string() : " " + hex_of(answer->reason);
  return name + (" #" + std::to_string(answer->packet_id)) + reason;
}

template <class Answer>
std::string line_of_answer(const char* name, const Answer& answer) {
  if (!answer) return std::string(name) + " that is malformed";
  auto line = name + (" #" + std::to_string(answer->packet_id));
  for (const auto reason : answer->reasons) line += " " + hex_of(reason);
  return line;
}

}  // namespace

std::string line_of(const mqtt::frame& packet, mqtt::version version) {
  using mqtt::packet_type;
  switch (packet.type) {
    case packet_type::connack: {
      const auto answer = mqtt::decode_connack(packet, version);
      if (!answer) return "connack that is malformed";
      return std::string(answer->session_present ? "connack present " : "connack ") + hex_of(answer->reason);
    }
    case packet_type::publish:
      return line_of_publish(packet, version);
    case packet_type::puback:
      return line_of_acknowledgement("puback", packet, version);
    case packet_type::pubrec:
      return line_of_acknowledgement("pubrec", packet, version);
    case packet_type::pubrel:
      return line_of_acknowledgement("pubrel", packet, version);
    case packet_type::pubcomp:
      return line_of_acknowledgement("pubcomp", packet, version);
    case packet_type::suback:
      return line_of_answer("suback", mqtt::decode_suback(packet, version));
    case packet_type::unsuback:
      return line_of_answer("unsuback", mqtt::decode_unsuback(packet, version));
    case packet_type::pingresp:
      return "pingresp";
    case packet_type::disconnect: {
      const auto answer = mqtt::decode_disconnect(packet, version, mqtt::sender::server);
      return answer ? "disconnect " + hex_of(answer->reason) : "disconnect that is malformed";
    }
    default:
      return "a packet that a server does not send";
  }
}

}  // namespace headgate::worker::testing
