#include "proxy/session/received.hpp"

#include <algorithm>

namespace headgate::proxy::session {

namespace {

auto place_of(details& details, std::uint16_t packet_id) {
  return std::lower_bound(details.received.begin(), details.received.end(), packet_id,
                          [](const received_message& message, std::uint16_t id) { return message.packet_id < id; });
}

bool is_on_way(const received_message& message) {
  return message.state == received_message::state::on_its_way;
}

}  // namespace

received_message* find_received(details& details, std::uint16_t packet_id) {
  const auto at = place_of(details, packet_id);
  return at == details.received.end() || at->packet_id != packet_id ? nullptr : &*at;
}

received_message& insert_received(details& details, const received_message& message) {
  if (is_on_way(message)) ++details.received_on_way;
  if (message.came_before) ++details.received_before;
  return *details.received.insert(place_of(details, message.packet_id), message);
}

received_message erase_received(details& details, std::uint16_t packet_id) {
  const auto* found = find_received(details, packet_id);
  if (found == nullptr) return {};
  const auto erased = *found;
  details.received.erase(place_of(details, packet_id));
  if (is_on_way(erased)) --details.received_on_way;
  if (erased.came_before) --details.received_before;
  if (details.received.empty()) {
    details.nonce = 0;
    details.next_number = 1;
  }
  return erased;
}

void take_back(details& details, std::uint16_t packet_id) {
  auto* found = find_received(details, packet_id);
  if (found == nullptr) return;
  if (found->number == 0) {
    erase_received(details, packet_id);
    return;
  }
  if (is_on_way(*found)) --details.received_on_way;
  found->state = received_message::state::unknown;
}

void mark_appended(details& details, std::uint16_t packet_id) {
  auto* found = find_received(details, packet_id);
  if (found == nullptr || !is_on_way(*found)) return;
  found->state = received_message::state::appended;
  --details.received_on_way;
}

}  // namespace headgate::proxy::session
