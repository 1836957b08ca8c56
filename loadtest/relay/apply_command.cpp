#include <algorithm>

#include "base/printable.hpp"
#include "loadtest/relay/relay.hpp"

// What commands do to a relay.
namespace headgate::loadtest::relay {

namespace {

std::string count_of(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

std::string relay::apply(std::string_view line) {
  now_ns_ = clock_.monotonic_ns();
  const auto parsed = parse_command(line);
  if (const auto* error = std::get_if<std::string>(&parsed)) return "error " + *error;
  const auto& asked = std::get<command>(parsed);
  if (const auto missing = find_missing(asked); !missing.empty()) return "error " + missing;
  return "ok " + carry_out(asked);
}

// A sentence when the command names one connection or client that it cannot find: what acts at once wants it now, a
// rule may wait for it, but for a connection whose number is gone by.
std::string relay::find_missing(const command& asked) const {
  using verb = command::verb;
  const auto& which = asked.what.connections;
  const bool acts_now = asked.asks == verb::cut || asked.asks == verb::half_close;
  if (!acts_now && asked.asks != verb::add) return {};
  const bool is_there = std::ranges::any_of(
      connections_, [&which](const auto& each) { return each != nullptr && which.matches(each->whose); });
  switch (which.what) {
    case selector::kind::all:
      return {};
    case selector::kind::number: {
      const bool has_come = which.number <= log_.done.connections;
      const auto name = "connection " + std::to_string(which.number);
      if (asked.asks == verb::add && asked.what.kind == fault_kind::refuse && has_come)
        return name + " has come already, so it cannot be refused; 'cut " + name + "' ends it";
      if (has_come) return is_there ? "" : name + " has ended: numbers are not used again";
      if (!acts_now) return {};
      return "there is no " + name + " yet: " + count_of(log_.done.connections, "connection") + " came";
    }
    case selector::kind::client:
      if (!acts_now || is_there || which.client_id.ends_with('*')) return {};
      return "there is no client '" + base::printable(which.client_id) + "' now";
  }
  return {};
}

std::string relay::carry_out(const command& asked) {
  switch (asked.asks) {
    case command::verb::add:
      return add_rule(asked.what);
    case command::verb::cut:
      return cut_now(asked.what);
    case command::verb::half_close:
      return half_close_now(asked.what);
    case command::verb::clear: {
      const auto count = plan_.clear(asked.cleared);
      rules_changed();
      return count_of(count, "rule") + " cleared";
    }
    case command::verb::stats:
      return as_json(log_.done);
    case command::verb::quit: {
      is_over_ = true;
      return "ending";
    }
  }
  return {};
}

std::string relay::add_rule(const rule& what) {
  const auto number = plan_.add(what, now_ns_);
  if (what.kind == fault_kind::delay || what.kind == fault_kind::throttle) {
    fault made;
    made.kind = what.kind;
    made.rule = number;
    made.words = describe(what);
    if (what.connections.what == selector::kind::number) made.connection = what.connections.number;
    log_.add(made);
  }
  rules_changed();
  return "rule " + std::to_string(number) + ": " + describe(what);
}

// Connections may end in settle(), so that each is looked up again.
void relay::rules_changed() {
  next_stall_ns_ = plan_.report_stalls(now_ns_, log_);
  for (std::size_t slot = 0; slot < connections_.size(); ++slot) {
    if (!connections_[slot]) continue;
    auto& at = *connections_[slot];
    refresh(at);
    for (const auto way : {direction::up, direction::down}) {
      out_.clear();
      at.of(way).packets.rules_changed(out_);
      push(at, way);
    }
    settle(at);
  }
}

fault relay::fault_of(fault_kind kind, const connection& at) const {
  fault made;
  made.kind = kind;
  made.connection = at.whose.number;
  made.client_id = at.whose.client_id;
  return made;
}

std::string relay::cut_now(const rule& what) {
  std::size_t count = 0;
  for (std::size_t slot = 0; slot < connections_.size(); ++slot) {
    if (!connections_[slot] || !what.connections.matches(connections_[slot]->whose)) continue;
    ++count;
    log_.add(fault_of(fault_kind::cut, *connections_[slot]));
    close(*connections_[slot], true);
  }
  return count_of(count, "connection") + " cut";
}

std::string relay::half_close_now(const rule& what) {
  const auto way = what.up ? direction::up : direction::down;
  std::size_t count = 0;
  for (std::size_t slot = 0; slot < connections_.size(); ++slot) {
    if (!connections_[slot] || !what.connections.matches(connections_[slot]->whose)) continue;
    auto& at = *connections_[slot];
    if (at.of(way).wants_fin || at.destination(way).has_fin) continue;
    ++count;
    auto made = fault_of(fault_kind::half_close, at);
    made.way = way;
    log_.add(made);
    out_.clear();
    at.of(way).packets.finish(out_);
    push(at, way);
    at.of(way).wants_fin = true;
    settle(at);
  }
  return count_of(count, "connection") + " half closed " + name_of(way);
}

}  // namespace headgate::loadtest::relay
