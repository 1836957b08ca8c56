#include <algorithm>

#include "mqtt/acknowledgement.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/subscribe.hpp"
#include "mqtt/unsubscribe.hpp"
#include "tests/sim/encoding.hpp"
#include "tests/sim/run_state.hpp"

namespace headgate::sim {

namespace {

constexpr std::uint16_t packet_ids = 60;  // few, so that they come again soon

bool in_use(const device& device, std::uint16_t id) {
  const bool publishes = std::any_of(device.outgoing.begin(), device.outgoing.end(),
                                     [&](const outgoing_publish& one) { return one.packet_id == id; });
  return publishes || std::any_of(device.held.begin(), device.held.end(), [&](const held_filter& one) {
           return !device.idle_filter(one) && one.packet_id == id;
         });
}

std::size_t draw_padding(run_state& run) {
  if (run.options.small_log) return 200 + run.dice.below(3000);
  return run.dice.one_in(40) ? 2000 + run.dice.below(500) : run.dice.below(24);
}

filter_options draw_options(run_state& run, const device& device, std::size_t n) {
  filter_options options;
  options.qos = static_cast<std::uint8_t>(device.group >= 0 ? 1 + run.dice.below(2) : run.dice.below(3));
  if (!device.is_v5()) return options;
  options.no_local = device.group < 0 && run.dice.one_in(4);
  options.retain_as_published = run.dice.one_in(3);
  options.retain_handling = static_cast<std::uint8_t>(run.dice.below(3));
  if (run.dice.one_in(2)) options.identifier = 1 + static_cast<std::uint32_t>(n) * 1000 + run.dice.below(1000);
  return options;
}

// The filter begins to be asked for; what it asks of retained messages is noted.
void note_asked(run_state& run, device& device, std::size_t n, const filter_options& options) {
  auto& filter = device.held[n];
  filter.was_held = filter.at == held_filter::stage::held;
  filter.was_unsure = filter.at == held_filter::stage::asked;
  filter.request_step = run.step;
  // Of three or more asked for and never answered the first are forgotten: none is in use for long.
  const bool known = filter.changed_step > 0;
  filter.last = filter.may_match() || !known ? filter.asked : filter.options;
  filter.is_first = filter.at == held_filter::stage::none && filter.ended_step == 0;
  if (filter.is_first) filter.last = options;
  if (!filter.may_match()) filter.asked_step = run.step;
  // Nothing more is owed for sure while it changes, or once it is lowered.
  const bool weaker = options.qos == 0 || options.no_local != filter.options.no_local;
  if (!filter.was_held || weaker) filter.since_step = 0;
  filter.asked = options;
  const bool scans =
      n < filters.size() && (options.retain_handling == 0 || (options.retain_handling == 1 && !filter.was_held));
  // Whether the server holds what was asked for and not answered is unknown.
  const bool unsure = filter.may_match() && !filter.was_held;
  filter.scan_due = scans && !(unsure && options.retain_handling == 1);
  filter.at = held_filter::stage::asked;
  if (!scans) return;
  const bool another = filter.scan_connection == device.connection_number;
  filter.scan_connection = device.connection_number;
  for (std::size_t topic = 0; topic < topics.size(); ++topic) {
    filter.scan_floor[topic] = static_cast<std::uint32_t>(run.book.retained_delivered(topic));
    if (!another) filter.first_floor[topic] = filter.scan_floor[topic];
  }
}

}  // namespace

void send(run_state& run, device& device, std::string_view bytes) {
  run.trace.note_bytes(bytes);
  if (device.line->open && !device.line->broken) device.line->to_server += bytes;
}

void send_acknowledgement(run_state& run, device& device, mqtt::packet_type type, std::uint16_t packet_id) {
  mqtt::acknowledgement packet;
  packet.type = type;
  packet.packet_id = packet_id;
  run.trace.note("acknowledge", device.number, static_cast<std::uint64_t>(type), packet_id);
  send(run, device, encoded(packet, device.version));
}

std::uint16_t take_packet_id(device& device) {
  for (int tries = 0; tries <= packet_ids; ++tries) {
    const auto id = device.next_packet_id;
    device.next_packet_id = static_cast<std::uint16_t>(id % packet_ids + 1);
    if (!in_use(device, id)) return id;
  }
  return 0;
}

void send_publish(run_state& run, device& device, const outgoing_publish& publish, bool dup) {
  auto& message = run.book[publish.message];
  ++message.sends;
  const auto payload = message.clears ? std::string() : book::payload_of(publish.message, publish.padding);
  mqtt::publish_head head;
  head.version = device.version;
  head.qos = static_cast<mqtt::qos>(publish.qos);
  head.dup = dup;
  head.retain = message.retain;
  head.packet_id = publish.packet_id;
  head.topic = topics[message.topic];
  head.payload_size = payload.size();
  run.trace.note(dup ? "resend" : "publish", device.number, publish.message, publish.packet_id * 4U + publish.qos);
  run.trace.say(std::string("  to ") + std::string(head.topic) + (head.retain ? " retained" : ""));
  send(run, device, encoded(head) + payload);
}

void publish(run_state& run, device& device) {
  outgoing_publish made;
  made.qos = static_cast<std::uint8_t>(run.dice.below(3));
  if (made.qos > 0) {
    if (device.outgoing.size() >= device.server_receive_maximum) return;
    made.packet_id = take_packet_id(device);
    if (made.packet_id == 0) return;
  }
  message message;
  message.publisher = device.number;
  message.topic = static_cast<std::uint8_t>(run.dice.below(topics.size()));
  message.qos = made.qos;
  message.retain = run.dice.one_in(5);
  message.clears = message.retain && run.dice.one_in(5);
  message.connection = device.connection_number;
  message.first_step = run.step;
  made.message = run.book.add(message);
  made.padding = draw_padding(run);
  send_publish(run, device, made, false);
  if (made.qos > 0) device.outgoing.push_back(made);
}

void subscribe(run_state& run, device& device) {
  const auto n = device.group >= 0 ? filters.size() : run.dice.below(filters.size());
  auto& filter = device.held[n];
  if (!device.idle_filter(filter) && filter.packet_id != 0) return;
  if (filter.at == held_filter::stage::ending) return;
  const auto id = take_packet_id(device);
  if (id == 0) return;
  // What was not answered is asked once more as it was, since the server may have either.
  const auto options = filter.at == held_filter::stage::asked ? filter.asked : draw_options(run, device, n);
  note_asked(run, device, n, options);
  filter.packet_id = id;
  mqtt::subscribe packet;
  packet.packet_id = id;
  packet.subscription_identifier = options.identifier;
  packet.subscriptions = {{device.filter_text(n), static_cast<mqtt::qos>(options.qos), options.no_local,
                           options.retain_as_published, options.retain_handling}};
  run.trace.note("subscribe", device.number, n, options.qos);
  run.trace.say("  to " + std::string(device.filter_text(n)) + " id " + std::to_string(options.identifier) +
                (options.no_local ? " no-local" : "") + (options.retain_as_published ? " rap" : "") + " rh " +
                std::to_string(options.retain_handling));
  send(run, device, encoded(packet, device.version));
}

void unsubscribe(run_state& run, device& device) {
  std::vector<std::size_t> held;
  for (std::size_t n = 0; n < device.held.size(); ++n) {
    const auto& filter = device.held[n];
    if (filter.at == held_filter::stage::held || (filter.may_match() && filter.packet_id == 0)) held.push_back(n);
  }
  if (held.empty()) return;
  const auto n = held[run.dice.below(held.size())];
  const auto id = take_packet_id(device);
  if (id == 0) return;
  auto& filter = device.held[n];
  filter.at = held_filter::stage::ending;
  filter.packet_id = id;
  filter.since_step = 0;
  filter.scan_due = false;
  if (n == filters.size()) leave_group(run, device, true);
  mqtt::unsubscribe packet;
  packet.packet_id = id;
  packet.filters = {device.filter_text(n)};
  run.trace.note("unsubscribe", device.number, n);
  run.trace.say("  from " + std::string(device.filter_text(n)));
  send(run, device, encoded(packet, device.version));
}

void acknowledge(run_state& run, device& device, bool all) {
  for (const auto id : device.unknown_released) send_acknowledgement(run, device, mqtt::packet_type::pubcomp, id);
  device.unknown_released.clear();
  auto& incoming = device.incoming;
  auto left = all ? incoming.size() : 1 + run.dice.below(incoming.size() + 1);
  std::size_t first = !all && run.dice.one_in(4) && !incoming.empty() ? run.dice.below(incoming.size()) : 0;
  for (auto at = first; at < incoming.size() && left > 0; --left) {
    auto& one = incoming[at];
    if (one.at == incoming_publish::stage::received || one.connection != device.connection_number) {
      ++at;
      continue;
    }
    if (one.qos == 2 && one.at == incoming_publish::stage::arrived) {
      one.at = incoming_publish::stage::received;
      send_acknowledgement(run, device, mqtt::packet_type::pubrec, one.packet_id);
      ++at;
      continue;
    }
    send_acknowledgement(run, device, one.qos == 1 ? mqtt::packet_type::puback : mqtt::packet_type::pubcomp,
                         one.packet_id);
    incoming.erase(incoming.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace headgate::sim
