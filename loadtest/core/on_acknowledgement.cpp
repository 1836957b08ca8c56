#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"
#include "mqtt/acknowledgement.hpp"

namespace headgate::loadtest::core {

namespace {

constexpr std::uint8_t pubrel_byte = 0x62;

in_flight& at(publisher& publisher, std::uint64_t sequence) {
  return publisher.window[sequence % publisher.window.size()];
}

// Whether the message's exchange goes on. Never at QoS 0, where there is none.
bool is_under_way(publisher& publisher, std::uint64_t sequence) {
  const bool is_known = !publisher.window.empty() && sequence >= publisher.low && sequence < publisher.sent;
  return is_known && at(publisher, sequence).state != in_flight::exchange::done;
}

// The message of that packet identifier among those from `low` on; publish_ids are given in turn.
std::uint64_t sequence_of(const publisher& publisher, std::uint16_t packet_id) {
  const std::uint64_t place = packet_id - 1U;
  return publisher.low + (place + publish_ids - publisher.low % publish_ids) % publish_ids;
}

void complete(fleet& fleet, std::uint32_t index, std::uint64_t sequence, bool accepted, std::uint64_t now_ns) {
  publisher& publisher = fleet.publishers[index];
  in_flight& message = at(publisher, sequence);
  const std::uint64_t intended_ns = message.intended_ns;
  message.state = in_flight::exchange::done;
  --publisher.unanswered;
  while (publisher.low < publisher.sent && at(publisher, publisher.low).state == in_flight::exchange::done)
    ++publisher.low;
  mark_pending(fleet, index);
  if (!accepted) {
    fleet.audit.on_refused(publisher_index(index), sequence);
    return;
  }
  ++fleet.total.acknowledged;
  fleet.audit.on_acknowledged(publisher_index(index), sequence);
  if (fleet.phase >= phase::measuring && intended_ns >= fleet.measured_from_ns && intended_ns <= fleet.measured_to_ns) {
    fleet.results.acknowledge.record(now_ns - std::min(now_ns, intended_ns));
  }
}

}  // namespace

void on_acknowledgement(fleet& fleet, std::uint32_t index, const packet& found, std::uint64_t now_ns) {
  const std::uint32_t number = fleet.clients[index].publisher;
  if (number == none || found.size < 2) {
    drop(fleet, index, departure::by_server, "an acknowledgement that was not due or cannot be decoded", now_ns);
    return;
  }
  publisher& publisher = fleet.publishers[number];
  const std::uint16_t packet_id = read_u16(found.body);
  const bool accepted = found.size == 2 || found.body[2] < 0x80;
  const bool is_ours = packet_id >= 1 && packet_id <= publish_ids;
  const std::uint64_t sequence = is_ours ? sequence_of(publisher, packet_id) : publisher.sent;
  const auto state = is_under_way(publisher, sequence) ? at(publisher, sequence).state : in_flight::exchange::done;
  const mqtt::qos qos = plan_of(fleet, index).publish->qos;

  const bool ends_qos_1 = found.type() == mqtt::packet_type::puback && qos == mqtt::qos::at_least_once;
  const bool records = found.type() == mqtt::packet_type::pubrec && qos == mqtt::qos::exactly_once;
  const bool ends_qos_2 = found.type() == mqtt::packet_type::pubcomp && qos == mqtt::qos::exactly_once;
  if (ends_qos_1 && state == in_flight::exchange::sent) {
    complete(fleet, number, sequence, accepted, now_ns);
  } else if (records && state == in_flight::exchange::sent) {
    if (!accepted) return complete(fleet, number, sequence, false, now_ns);
    at(publisher, sequence).state = in_flight::exchange::released;
    answer(fleet, pubrel_byte, packet_id);
  } else if (records && state == in_flight::exchange::released) {
    answer(fleet, pubrel_byte, packet_id);  // repeated: so is the answer
  } else if (ends_qos_2 && state == in_flight::exchange::released) {
    complete(fleet, number, sequence, true, now_ns);
  } else {
    fleet.audit.on_wrong_acknowledgement(publisher_index(number));
  }
}

void resend(fleet& fleet, std::uint32_t number, std::uint64_t now_ns) {
  publisher& publisher = fleet.publishers[number];
  for (std::uint64_t sequence = publisher.low; sequence < publisher.sent; ++sequence) {
    if (!is_under_way(publisher, sequence)) continue;
    const in_flight& message = at(publisher, sequence);
    const auto packet_id = static_cast<std::uint16_t>(1 + sequence % publish_ids);
    fleet.output.resize(std::max(fleet.output.size(), publisher.source.most_bytes()));
    std::uint8_t* end = fleet.output.data();
    if (message.state == in_flight::exchange::sent) {
      end = publisher.source.write(sequence, message.intended_ns, packet_id, true, end);
      fleet.audit.on_sent_again(publisher_index(number), sequence);
    } else {
      end = mqtt::encode({mqtt::packet_type::pubrel, packet_id}, mqtt::version::v3_1_1, end);
    }
    send(fleet, publisher.client, {fleet.output.data(), end}, now_ns);
  }
}

void abandon(fleet& fleet, std::uint32_t number) {
  publisher& publisher = fleet.publishers[number];
  for (std::uint64_t sequence = publisher.low; publisher.unanswered > 0; ++sequence) {
    if (!is_under_way(publisher, sequence)) continue;
    --publisher.unanswered;
    at(publisher, sequence).state = in_flight::exchange::done;
    fleet.audit.on_abandoned(publisher_index(number), sequence);
  }
  publisher.low = publisher.sent;
}

}  // namespace headgate::loadtest::core
