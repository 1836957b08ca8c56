#include <algorithm>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/byte_cursor.hpp"
#include "loadtest/relay/command.hpp"
#include "loadtest/relay/packet_faults.hpp"

namespace {

using namespace headgate::loadtest::relay;
using headgate::base::byte_cursor;
using headgate::base::bytes;
using octets = std::vector<std::uint8_t>;

// Lines of commands, up to the first byte 0.
void add_rules(byte_cursor& at, fault_plan& plan) {
  std::string line;
  while (!at.empty()) {
    const auto byte = at.read_u8();
    if (byte != 0 && byte != '\n') {
      line += static_cast<char>(byte);
      continue;
    }
    const auto parsed = parse_command(line);
    if (const auto* asked = std::get_if<command>(&parsed)) {
      if (asked->asks == command::verb::add) {
        plan.add(asked->what, 0);
        HEADGATE_ASSERT(!describe(asked->what).empty());
      }
    } else {
      HEADGATE_ASSERT(!std::get<std::string>(parsed).empty());
    }
    line.clear();
    if (byte == 0) return;
  }
}

struct seen {
  octets in[2];
  octets out[2];
};

// Pieces of a stream: a byte whose low bit is the direction and whose others are the size, and so many bytes.
seen put_through(byte_cursor at, fault_plan& plan, fault_log& log) {
  identity whose;
  whose.number = 1;
  packet_faults ways[2] = {packet_faults(plan, log, whose, direction::up),
                           packet_faults(plan, log, whose, direction::down)};
  seen both;
  while (!at.empty()) {
    const unsigned head = at.read_u8();
    const bytes piece = at.read_bytes(std::min<std::size_t>(head >> 1, at.remaining()));
    auto& in = both.in[head & 1];
    in.insert(in.end(), piece.begin(), piece.end());
    ways[head & 1].take(piece, both.out[head & 1]);
  }
  for (int way = 0; way < 2; ++way) ways[way].finish(both.out[way]);
  return both;
}

}  // namespace

// Commands, then pieces of both directions of a connection. Whatever they are: without rules, or when no rule met a
// packet, what comes out is what went in; the same input has the same faults; a report can be printed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  byte_cursor at(bytes(data, size));
  fault_plan plan(1);
  add_rules(at, plan);
  fault_plan same(plan);
  std::string reports[2];
  const auto tell_into = [](std::string& report) {
    return [&report](const fault& made) { report += as_json(made) + as_text(made) + "\n"; };
  };
  fault_log log(tell_into(reports[0]));
  const auto both = put_through(at, plan, log);
  if (log.done.all_faults() == 0) {
    // A PUBLISH that waits to be swapped lets others go first, also when there is none to swap it with.
    const bool may_swap = plan.clear(fault_kind::swap) > 0;
    for (int way = 0; way < 2; ++way) {
      HEADGATE_ASSERT(both.out[way].size() == both.in[way].size());
      HEADGATE_ASSERT(may_swap || both.out[way] == both.in[way]);
    }
  }
  fault_log again(tell_into(reports[1]));
  const auto repeated = put_through(at, same, again);
  HEADGATE_ASSERT(repeated.out[0] == both.out[0] && repeated.out[1] == both.out[1] && reports[0] == reports[1]);
  fault_plan empty(1);
  fault_log silent;
  const auto plain = put_through(at, empty, silent);
  HEADGATE_ASSERT(plain.out[0] == plain.in[0] && plain.out[1] == plain.in[1]);
  return 0;
}
