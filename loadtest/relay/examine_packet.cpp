#include "base/byte_cursor.hpp"
#include "loadtest/relay/packet_faults.hpp"
#include "mqtt/topic.hpp"

// What packet_faults does with one whole packet.
namespace headgate::loadtest::relay {

namespace {

using mqtt::bytes;
using mqtt::packet_type;

// Whether turning this bit leaves a topic that a server takes: what is corrupt is then for a reader of the message to
// find.
bool stays_a_topic(bytes topic, std::size_t byte, unsigned bit) {
  std::vector<std::uint8_t> turned(topic.begin(), topic.end());
  turned[byte] = static_cast<std::uint8_t>(turned[byte] ^ 1U << bit);
  return !mqtt::find_topic_name_error(turned);
}

struct bit_place {
  std::size_t byte = 0;
  unsigned bit = 0;
};

// A place in the topic that can be turned, the first one from where the dice say.
std::optional<bit_place> place_in_topic(bytes topic, std::uint64_t dice) {
  for (std::size_t n = 0; n < topic.size() * 8; ++n) {
    const auto place = (dice % (topic.size() * 8) + n) % (topic.size() * 8);
    if (stays_a_topic(topic, place / 8, place % 8)) return bit_place{place / 8, static_cast<unsigned>(place % 8)};
  }
  return std::nullopt;
}

// The packet id of what carries one at its start; of a PUBLISH decode_publish() tells.
std::uint16_t packet_id_of(const mqtt::frame& packet) {
  switch (packet.type) {
    case packet_type::puback:
    case packet_type::pubrec:
    case packet_type::pubrel:
    case packet_type::pubcomp:
    case packet_type::subscribe:
    case packet_type::suback:
    case packet_type::unsubscribe:
    case packet_type::unsuback:
      return base::byte_cursor(packet.body).read_u16();
    default:
      return 0;
  }
}

}  // namespace

packet_facts packet_faults::look(const mqtt::frame& packet, fault& seen) {
  packet_facts facts;
  facts.type = packet.type;
  seen.connection = whose_.number;
  seen.client_id = whose_.client_id;
  seen.way = way_;
  seen.packet = packet.type;
  seen.packet_id = packet_id_of(packet);
  if (packet.type != packet_type::publish) return facts;
  const auto sender = way_ == direction::up ? mqtt::sender::client : mqtt::sender::server;
  const auto publish = mqtt::decode_publish(packet, whose_.version, sender);
  facts.can_swap = !held_;
  if (!publish) return facts;
  facts.topic = topic_of(*publish);
  topic_at_ = base::as_bytes(publish->topic);
  payload_at_ = publish->payload;
  facts.can_corrupt_payload = !payload_at_.empty();
  facts.can_corrupt_topic = !topic_at_.empty() && place_in_topic(topic_at_, 0);
  seen.packet_id = publish->packet_id;
  seen.topic = facts.topic;
  seen.payload_size = payload_at_.size();
  return facts;
}

// MQTT 5.0, 3.3.2.3.4: a topic alias keeps its meaning for the connection and direction.
std::string_view packet_faults::topic_of(const mqtt::publish_view& publish) {
  if (publish.topic_alias == 0) return publish.topic;
  if (!aliases_) aliases_ = std::make_unique<std::map<std::uint16_t, std::string>>();
  if (!publish.topic.empty()) (*aliases_)[publish.topic_alias] = publish.topic;
  const auto found = aliases_->find(publish.topic_alias);
  return found != aliases_->end() ? std::string_view(found->second) : std::string_view();
}

void packet_faults::carry_out(const fault_plan::decision& decision, fault& made, bytes whole, output& out) {
  const auto type = *made.packet;
  if (decision.what == nullptr) {
    emit(type, whole, 1, out);
    return;
  }
  made.kind = decision.what->kind;
  made.rule = decision.number;
  made.nth = decision.nth;
  switch (made.kind) {
    case fault_kind::corrupt:
      corrupt(decision, made, whole, out);
      return;
    case fault_kind::swap: {
      held_ = std::make_unique<held_publish>();
      held_->data.assign(whole.begin(), whole.end());
      held_->made = made;  // reported when the next one has passed
      return;
    }
    case fault_kind::cut: {
      whose_.is_cut = true;
      break;
    }
    case fault_kind::duplicate: {
      emit(type, whole, 2, out);
      break;
    }
    default:
      break;  // drop: and no more
  }
  log_.add(made);
}

void packet_faults::corrupt(const fault_plan::decision& decision, fault& made, bytes whole, output& out) {
  made.corrupts_topic = decision.what->corrupts_topic;
  const auto part = made.corrupts_topic ? topic_at_ : payload_at_;
  bit_place place{decision.dice / 8 % part.size(), static_cast<unsigned>(decision.dice % 8)};
  if (made.corrupts_topic) place = place_in_topic(part, decision.dice).value_or(place);
  made.byte = place.byte;
  made.bit = place.bit;
  output turned(whole.begin(), whole.end());
  auto& byte = turned[static_cast<std::size_t>(part.data() - whole.data()) + place.byte];
  byte = static_cast<std::uint8_t>(byte ^ 1U << place.bit);
  log_.add(made);
  emit(packet_type::publish, turned, 1, out);
}

}  // namespace headgate::loadtest::relay
