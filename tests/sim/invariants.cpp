#include "tests/sim/invariants.hpp"

#include <algorithm>
#include <vector>

#include "mqtt/properties.hpp"

namespace headgate::sim {

namespace {

// Calls visit(filter) for each filter of the device that matches the topic and is asked for, held or being ended.
template <class Visit>
void for_each_match(const run_state& run, const device& device, std::size_t topic, Visit visit) {
  for (std::size_t n = 0; n < device.held.size(); ++n) {
    const auto& filter = device.held[n];
    if (n == filters.size() && device.group < 0) continue;
    if ((filter.may_match() || filter.ended_step > 0) && run.matches(device, n, topic)) visit(filter);
  }
}

// The options that the filter may have been served with: before a change, now, and after it.
std::vector<filter_options> options_of(const held_filter& filter) {
  if (filter.changed_step == 0) return {filter.last, filter.asked};
  return {filter.options, filter.last, filter.asked};
}

// Held since before the message was published, and not being changed.
bool is_stable(const held_filter& filter, const message& message) {
  return filter.at == held_filter::stage::held && filter.changed_step < message.first_step;
}

bool brings(const held_filter& filter, const device& device, const message& message) {
  return !(filter.options.no_local && message.publisher == device.number);
}

template <class Predicate>
bool any_option(const run_state& run, const device& device, std::size_t topic, Predicate predicate) {
  bool found = false;
  for_each_match(run, device, topic, [&](const held_filter& filter) {
    for (const auto& options : options_of(filter)) found |= predicate(options);
  });
  return found;
}

}  // namespace

void check_session_present(run_state& run, const device& device, bool present, bool must, bool must_not) {
  if (must && !present) fail(run, device, "the session is gone before its expiry [MQTT-3.2.2-3]");
  if (must_not && present) fail(run, device, "Session Present without a session [MQTT-3.2.2-2]");
}

void check_receive_maximum(run_state& run, const device& device, const arrival& arrival) {
  if (arrival.packet.qos == mqtt::qos::at_most_once) return;
  const auto open = std::count_if(device.incoming.begin(), device.incoming.end(), [&](const incoming_publish& one) {
    return one.connection == device.connection_number && one.packet_id != arrival.packet.packet_id;
  });
  if (open >= device.window) fail(run, device, "more than the Receive Maximum in flight [MQTT-3.3.4-9]");
}

void check_packet_id(run_state& run, const device& device, const arrival& arrival) {
  if (arrival.packet.qos == mqtt::qos::at_most_once) return;
  if (arrival.packet.packet_id == 0) fail(run, device, "packet id 0 [MQTT-2.2.1-3]");
  for (const auto& one : device.incoming) {
    if (one.packet_id != arrival.packet.packet_id) continue;
    const bool same = one.message == arrival.number && one.qos == static_cast<std::uint8_t>(arrival.packet.qos);
    if (!same) fail(run, device, "a packet id in use twice [MQTT-2.2.1-4]");
    if (one.connection == device.connection_number) {
      fail(run, device, "sent again without a broken connection [MQTT-4.4.0-1]");
    }
    if (!arrival.packet.dup) fail(run, device, "sent again without DUP [MQTT-3.3.1-1]");
  }
}

void check_asked_for(run_state& run, const device& device, const arrival& arrival) {
  const auto& message = run.book[arrival.number];
  bool asked = false;
  for_each_match(run, device, arrival.topic, [&](const held_filter& filter) {
    const bool before = filter.ended_step > 0 && message.first_step <= filter.ended_step;
    // What was acknowledged to its publisher before the SUBSCRIBE was sent is over, unless it is retained.
    // The PUBREC for a QoS 2 publish that came again says nothing: it does not wait for the log; nor does the answer to
    // a publish that came again and was refused by then.
    const bool refusable =
        run.rights.denied_since(message.publisher, message.topic, rights::access::write, message.first_step);
    const bool answered_early = message.sends > 1 && (message.qos == 2 || refusable);
    const bool over = message.acked_step > 0 && message.acked_step < filter.asked_step && !answered_early;
    const bool in_time = arrival.maybe_retained || !over;
    // A group has messages from before its member came.
    asked |= arrival.number == 0 || before || (filter.may_match() && (in_time || device.group >= 0));
  });
  if (!asked) fail(run, device, "a message that it did not ask for (MQTT 5.0, 4.7)");
}

void check_qos(run_state& run, const device& device, const arrival& arrival) {
  const auto qos = static_cast<std::uint8_t>(arrival.packet.qos);
  if (arrival.number != 0 && qos > run.book[arrival.number].qos) {
    fail(run, device, "a higher QoS than it was published with [MQTT-3.8.4-8]");
  }
  // As it was granted first, or by the SUBSCRIBE that a retained message answers.
  if (arrival.packet.dup || arrival.maybe_retained) return;
  if (!any_option(run, device, arrival.topic, [&](const filter_options& options) { return options.qos >= qos; })) {
    fail(run, device, "a higher QoS than granted [MQTT-3.8.4-8]");
  }
}

void check_no_local(run_state& run, const device& device, const arrival& arrival) {
  // Retained messages that answer a SUBSCRIBE are not forwarded, but stored: theirs are given to their publishers, too.
  if (arrival.number == 0 || arrival.maybe_retained || arrival.packet.dup) return;
  if (run.book[arrival.number].publisher != device.number) return;
  if (!any_option(run, device, arrival.topic, [](const filter_options& options) { return !options.no_local; })) {
    fail(run, device, "its own message in spite of No Local [MQTT-3.8.3-3]");
  }
}

void check_retain_flag(run_state& run, const device& device, const arrival& arrival) {
  if (arrival.number == 0) return;
  const auto& message = run.book[arrival.number];
  if (!arrival.packet.retain) {
    if (!message.retain || arrival.packet.dup) return;
    const bool plain = any_option(run, device, arrival.topic,
                                  [](const filter_options& options) { return !options.retain_as_published; });
    if (!plain) fail(run, device, "RETAIN not kept in spite of Retain As Published [MQTT-3.3.1-13]");
    return;
  }
  if (!message.retain) fail(run, device, "RETAIN set on a message without it [MQTT-3.3.1-12]");
  const bool as_published =
      any_option(run, device, arrival.topic, [](const filter_options& options) { return options.retain_as_published; });
  if (!as_published && !arrival.maybe_retained && !arrival.packet.dup) {
    fail(run, device, "RETAIN set though nobody asked for retained messages [MQTT-3.3.1-11], [MQTT-3.3.1-12]");
  }
}

void check_identifiers(run_state& run, const device& device, const arrival& arrival) {
  if (!device.is_v5() || arrival.number == 0) return;
  auto came = mqtt::subscription_identifiers_of(arrival.packet.properties);
  for (const auto identifier : came) {
    if (!any_option(run, device, arrival.topic,
                    [&](const filter_options& options) { return options.identifier == identifier; })) {
      fail(run, device,
           "a Subscription Identifier of a filter that does not match [MQTT-3.3.4-3]: " + std::to_string(identifier));
    }
  }
  if (arrival.packet.dup || arrival.maybe_retained) return;
  const auto& message = run.book[arrival.number];
  // After a resumption QoS 0 comes by those filters that its shard knows already: nothing waits for the others.
  bool stable = arrival.packet.qos != mqtt::qos::at_most_once || !device.is_resumed;
  std::vector<std::uint32_t> due;
  for_each_match(run, device, arrival.topic, [&](const held_filter& filter) {
    if (!filter.may_match()) return;
    stable &= is_stable(filter, message);
    if (brings(filter, device, message) && filter.options.identifier != 0) due.push_back(filter.options.identifier);
  });
  std::sort(came.begin(), came.end());
  std::sort(due.begin(), due.end());
  if (stable && came != due) fail(run, device, "not the Subscription Identifiers of its filters [MQTT-3.3.4-4]");
}

void check_copies(run_state& run, const device& device, const arrival& arrival, const reception& reception) {
  if (device.group >= 0 || arrival.maybe_retained) return;
  const auto& message = run.book[arrival.number];
  // What was sent at QoS 1 before a death may be sent again by a filter that is granted QoS 2 by now.
  const auto once = run.options.kills ? reception.live_exactly_once : reception.live;
  if (arrival.packet.qos == mqtt::qos::exactly_once && once > 1) {
    fail(run, device, "a QoS 2 message twice [MQTT-4.3.3-8]");
  }
  // At QoS 1 its publisher may have repeated it.
  if (reception.in_connection > message.sends && !message.is_will) {
    fail(run, device, "a message twice without a broken connection [MQTT-4.3.2-2]");
  }
}

void check_order(run_state& run, device& device, const arrival& arrival, const reception& reception) {
  if (device.group >= 0 || arrival.maybe_retained || reception.copies > 1) return;
  // Where a log drops, a message that its publisher repeated may come for the first time by its second copy.
  if (run.options.small_log) return;
  const auto& message = run.book[arrival.number];
  // Nor one that found no room first, and then came again.
  if (message.is_will || message.was_refused) return;
  // Nor one whose first copy was not to be shown, or was refused.
  if (run.rights.denied_since(device.number, message.topic, rights::access::read, message.first_step)) return;
  const bool refusable =
      run.rights.denied_since(message.publisher, message.topic, rights::access::write, message.first_step);
  if (refusable && message.sends > 1) return;
  bool since = false;
  for_each_match(run, device, arrival.topic, [&](const held_filter& filter) {
    since |= filter.since_step > 0 && filter.since_step < message.first_step && brings(filter, device, message);
  });
  const auto place = ((message.publisher * topics.size() + message.topic) * 3 + message.qos) * 3 +
                     static_cast<std::size_t>(arrival.packet.qos);
  if (device.last_sequence.size() <= place) device.last_sequence.resize(place + 1);
  auto& last = device.last_sequence[place];
  // QoS 0 is in order as long as its publisher's connection lasts.
  const bool comparable = message.qos > 0 || run.book[last].connection == message.connection;
  if (since && comparable && arrival.number < last) {
    fail(run, device, "out of order: message " + std::to_string(last) + " came before [MQTT-4.6.0-6]");
  }
  last = std::max(last, arrival.number);
}

void check_retained_value(run_state& run, const device& device, const arrival& arrival) {
  if (!arrival.surely_retained || arrival.packet.dup) return;
  const auto& changes = run.book.retained(arrival.topic);
  bool good = false;
  for_each_match(run, device, arrival.topic, [&](const held_filter& filter) {
    if (filter.scan_connection != device.connection_number) return;
    const auto floor = filter.first_floor[arrival.topic];
    for (std::size_t n = floor == 0 ? 0 : floor - 1; n < changes.size(); ++n) {
      good |= changes[n].message == arrival.number;
    }
  });
  if (!good) fail(run, device, "a retained message that had been replaced [MQTT-3.3.1-9]");
}

}  // namespace headgate::sim
