#include <algorithm>

#include "tests/sim/run_state.hpp"

// What has to be true when nothing is under way any more: one invariant a function.
namespace headgate::sim {

namespace {

// Something is missing: forgiven when the log was made small and the server counted what it dropped.
void missing(run_state& run, const device& device, const std::string& what) {
  const auto view = run.server.view();
  const auto counted = view.gateway.lost_below_log_start + view.gateway.lost_inflight + view.shard.group_lost_offsets;
  if (!run.options.small_log || counted == 0) fail(run, device, what);
  run.losses = true;
}

// [MQTT-3.1.4-3]
void check_one_connection_each(run_state& run) {
  if (run.server.view().gateway.clients != run.devices.size()) {
    fail(run, run.devices.front(), "not one open connection for each client id [MQTT-3.1.4-3]");
  }
}

// [MQTT-4.3.2-4], [MQTT-4.3.3-8]
void check_all_acknowledged(run_state& run, const device& device) {
  if (!device.outgoing.empty()) fail(run, device, "a publish is never acknowledged [MQTT-4.3.2-4]");
  if (!device.incoming.empty()) fail(run, device, "a QoS 2 delivery is never completed [MQTT-4.3.3-8]");
  for (const auto& filter : device.held) {
    const bool answered = device.idle_filter(filter) || filter.packet_id == 0;
    if (!answered) fail(run, device, "a SUBSCRIBE or UNSUBSCRIBE is never answered [MQTT-3.8.4-1]");
  }
}

bool is_owed(const run_state& run, const device& device, const message& message) {
  if (message.logged == 0 || message.qos == 0) return false;
  if (run.rights.denied_since(device.number, message.topic, rights::access::read, message.first_step)) return false;
  for (std::size_t n = 0; n < filters.size(); ++n) {
    const auto& filter = device.held[n];
    if (filter.since_step == 0 || message.logged_step <= filter.since_step) continue;
    const bool own = filter.options.no_local && message.publisher == device.number;
    if (!own && run.matches(device, n, message.topic)) return true;
  }
  return false;
}

// MQTT 5.0, 4.3: at least once.
void check_nothing_lost(run_state& run, device& device) {
  if (device.group >= 0) return;
  for (std::uint32_t number = 1; number < run.book.size(); ++number) {
    if (!is_owed(run, device, run.book[number])) continue;
    if (device.received(number).copies == 0) {
      missing(run, device, "message " + std::to_string(number) + " is lost (MQTT 5.0, 4.3)");
    }
  }
}

// MQTT 5.0, 3.8.4: the last retained message, or a newer one, has come.
void check_retained_came(run_state& run, device& device) {
  for (std::size_t n = 0; n < filters.size(); ++n) {
    const auto& filter = device.held[n];
    if (!filter.scan_due || filter.at != held_filter::stage::held) continue;
    if (filter.scan_connection != device.connection_number) continue;
    for (std::size_t topic = 0; topic < topics.size(); ++topic) {
      if (!run.matches(device, n, topic) || filter.scan_floor[topic] == 0) continue;
      if (run.rights.denied_since(device.number, topic, rights::access::read, filter.asked_step)) continue;
      const auto& changes = run.book.retained(topic);
      const auto floor = filter.scan_floor[topic] - 1;
      const auto weak = [](const retained_change& change) { return change.message == 0 || change.qos == 0; };
      const auto since = changes.begin() + floor;
      // What came later at QoS 0, or without payload, may be all that there was to see.
      if (since->message == 0 || std::any_of(since + 1, changes.end(), weak)) continue;
      if (filter.options.qos == 0 && since + 1 != changes.end()) continue;
      const bool own = filter.options.no_local;
      const bool came = std::any_of(since, changes.end(), [&](const retained_change& change) {
        return device.received(change.message).copies > 0;
      });
      if (!came && !own)
        missing(run, device, "no retained message of " + std::string(topics[topic]) + " (MQTT 5.0, 3.8.4)");
    }
  }
}

// Whether at some time since it was sent every member might not read it, or had no session, so that it ended. One whose
// subscription is older, through whatever connections, and that might read it all the time, gets it sooner or later.
bool may_be_nobodys(const run_state& run, std::size_t group, const message& message) {
  if (!run.rights.on) return false;
  return std::none_of(run.devices.begin(), run.devices.end(), [&](const device& one) {
    const auto& filter = one.held[filters.size()];
    const bool was_member = filter.since_step > 0 && filter.since_step < message.first_step;
    return one.group == static_cast<int>(group) && was_member &&
           !run.rights.denied_since(one.number, message.topic, rights::access::read, message.first_step);
  });
}

// At QoS 2 a message stays with the member whom it was sent to first [MQTT-4.8.2-4], who may not be shown it any more
// when its connection has broken meanwhile.
bool may_be_withheld(const run_state& run, std::size_t group, const message& message) {
  if (message.qos < 2 || message.first_step > run.shared[group].break_step) return false;
  return std::any_of(run.devices.begin(), run.devices.end(), [&](const device& one) {
    return one.group == static_cast<int>(group) &&
           run.rights.denied_since(one.number, message.topic, rights::access::read, message.first_step);
  });
}

// MQTT 5.0, 4.8.2: to some member, and when no connection broke to one only; at QoS 2 always to one only.
void check_group(run_state& run, std::size_t n) {
  auto& group = run.shared[n];
  const auto member = std::find_if(run.devices.begin(), run.devices.end(),
                                   [&](const device& one) { return one.group == static_cast<int>(n); });
  if (member == run.devices.end() || group.since_step == 0) return;
  group.copies.resize(run.book.size() + std::size_t{1});
  for (std::uint32_t number = 1; number < run.book.size(); ++number) {
    const auto& message = run.book[number];
    const bool owed = message.logged > 0 && message.qos > 0 && message.logged_step > group.since_step;
    if (!owed || !run.match[filters.size() + n][message.topic]) continue;
    const auto copies = group.copies[number];
    const bool excused = (message.qos == 2 && number < group.lost_before) || may_be_nobodys(run, n, message) ||
                         may_be_withheld(run, n, message);
    if (copies == 0 && !excused) {
      missing(run, *member, "message " + std::to_string(number) + " is lost to a group (MQTT 5.0, 4.8.2)");
    }
    const bool undisturbed = message.first_step > group.break_step && !message.is_will;
    if (undisturbed && copies > message.logged) {
      fail(run, *member, "message " + std::to_string(number) + " came to two members (MQTT 5.0, 4.8.2)");
    }
  }
}

// MQTT 5.0, 3.1.2.5 [MQTT-3.1.2-8], [MQTT-3.1.2-10], 3.1.3.2.2 [MQTT-3.1.3-9]
void check_will(run_state& run, const device& device, const will_fate& fate) {
  constexpr std::uint64_t margin_ms = 5000;
  const auto& will = run.book[fate.message];
  const auto published = will.logged;
  const bool allowed = !run.rights.denied_since(device.number, will.topic, rights::access::write, will.first_step);
  const auto must = [&](bool condition, const char* what) {
    if (!condition) fail(run, device, std::string(what) + ": will " + std::to_string(fate.message));
  };
  if (fate.over_death) return must(published == 1 || !allowed, "a will is lost over a death [MQTT-3.1.2-8]");
  if (!fate.line->ended()) return must(false, "a connection is still open");
  const bool goodbye_came = fate.said_goodbye && fate.line->said_goodbye;
  if (goodbye_came) return must(published == 0, "a will after DISCONNECT [MQTT-3.1.2-10]");
  // The server was done with it before the DISCONNECT came, or not: only it knows.
  if (fate.said_goodbye || fate.unsure) return;
  // The log had no room for it, and it stands nowhere else.
  if (will.was_refused && !fate.is_stored) return;
  if (fate.wait_ms == 0) return must(published == 1 || !allowed, "a will is not published [MQTT-3.1.2-8]");
  const auto due_ms = fate.line->ended_ms + fate.wait_ms;
  if (!fate.came_back) {
    if (run.server.now_ms() > due_ms + margin_ms)
      must(published == 1 || !allowed, "a delayed will is not published [MQTT-3.1.2-8]");
    return;
  }
  if (fate.clean || !fate.present)
    return must(published == 1 || !allowed, "a will of an ended session is not published [MQTT-3.1.3-9]");
  if (fate.granted_ms < due_ms) return must(published == 0, "a will in spite of a return in time [MQTT-3.1.3-9]");
  if (fate.sent_ms > due_ms + margin_ms)
    must(published == 1 || !allowed, "a delayed will is not published [MQTT-3.1.2-8]");
}

void check_wills(run_state& run, device& device) {
  for (const auto& fate : device.fates) check_will(run, device, fate);
  device.fates.clear();
}

void check_wills_once(run_state& run) {
  for (std::uint32_t number = 1; number < run.book.size(); ++number) {
    const auto& message = run.book[number];
    if (message.is_will && message.logged > 1) {
      fail(run, run.devices[message.publisher], "a will is published twice [MQTT-3.1.2-8]");
    }
  }
}

// [MQTT-4.3.3-10]: its publisher sent it once or more, and it was taken once.
void check_publishes_once(run_state& run) {
  for (std::uint32_t number = 1; number < run.book.size(); ++number) {
    const auto& message = run.book[number];
    if (message.is_will) continue;
    if (message.qos == 2 && message.logged > 1) {
      fail(run, run.devices[message.publisher],
           "message " + std::to_string(number) + " at QoS 2 was taken twice [MQTT-4.3.3-10]");
    }
  }
}

// Nothing that a will leaves behind is left when all are there.
void check_leftovers(run_state& run) {
  if (const auto left = run.server.leftovers(); !left.empty()) fail(run, run.devices.front(), left);
}

}  // namespace

void check_at_rest(run_state& run) {
  if (run.server.forced_takeovers() > 0) throw violation("a session was taken by force");
  if (run.server.view().gateway.stored_unreadable > 0) throw violation("a stored session cannot be read");
  check_one_connection_each(run);
  check_leftovers(run);
  check_wills_once(run);
  check_publishes_once(run);
  for (auto& device : run.devices) {
    check_all_acknowledged(run, device);
    check_nothing_lost(run, device);
    check_retained_came(run, device);
    check_wills(run, device);
  }
  for (std::size_t n = 0; n < groups.size(); ++n) check_group(run, n);
}

}  // namespace headgate::sim
