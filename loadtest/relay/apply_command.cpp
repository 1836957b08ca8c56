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
  return "ok " + carry_out(std::get<command>(parsed));
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
