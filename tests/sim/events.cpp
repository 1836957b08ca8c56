#include "mqtt/framing.hpp"
#include "tests/sim/run_state.hpp"

namespace headgate::sim {

namespace {

device* draw_connected(run_state& run) {
  const auto start = run.dice.below(run.devices.size());
  for (std::size_t n = 0; n < run.devices.size(); ++n) {
    auto& device = run.devices[(start + n) % run.devices.size()];
    if (device.at == device::state::connected) return &device;
  }
  return nullptr;
}

void turn(run_state& run) {
  const auto worker = run.dice.below(run.server.workers());
  run.trace.note("turn", worker);
  run.server.turn(worker);
}

void come_and_go(run_state& run) {
  auto& device = run.devices[run.dice.below(run.devices.size())];
  const bool clean = !device.persistent || run.dice.one_in(10);
  switch (device.at) {
    case device::state::offline:
      return connect(run, device, clean && !run.dice.one_in(4));
    case device::state::connecting:
      if (run.dice.one_in(10)) drop(run, device);
      return;
    case device::state::connected:
      if (run.dice.one_in(3)) drop(run, device);
      if (device.at == device::state::connected && run.dice.one_in(6)) {
        ++run.disconnections;
        connect(run, device, clean);
      }
  }
}

void stop_or_start_taking(run_state& run) {
  auto* device = draw_connected(run);
  if (device == nullptr) return;
  const bool stops = device->line->takes == connection::all;
  device->line->takes = stops ? run.dice.below(500) : connection::all;
  run.trace.note(stops ? "stops taking" : "takes again", device->number);
}

// Mostly moments; before more than that passes, everything under way comes to rest, since nobody is that slow.
void pass_time(run_state& run) {
  if (!run.dice.one_in(40)) return run.server.advance_ms(run.dice.below(6));
  run.server.turn_until_quiet();
  const auto ms = run.dice.one_in(3) ? run.dice.below(240'000) : run.dice.below(8'000);
  run.trace.note("time passes", ms);
  run.server.advance_ms(ms);
  run.server.turn_until_quiet();
}

void talk(run_state& run, std::uint32_t what) {
  auto* device = draw_connected(run);
  if (device == nullptr) return;
  if (what < 55) {
    for (auto left = 1 + run.dice.below(4); left > 0; --left) publish(run, *device);
  } else if (what < 85) {
    acknowledge(run, *device, run.dice.one_in(3));
  } else if (what < 94) {
    subscribe(run, *device);
  } else if (what < 97) {
    unsubscribe(run, *device);
  } else {
    send(run, *device, std::string_view("\xc0\x00", 2));  // PINGREQ
  }
}

}  // namespace

void next_event(run_state& run) {
  ++run.step;
  run.book.step = run.step;
  run.trace.at(run.step, run.server.now_ms());
  if (run.server.is_dead()) return come_back(run);
  if (run.options.kills && run.dice.one_in(200)) return begin_fault(run);
  const auto what = run.dice.below(100);
  if (what < 42) return turn(run);
  if (what < 62) {
    auto& device = run.devices[run.dice.below(run.devices.size())];
    if (device.line != nullptr) receive(run, device);
    return;
  }
  if (what < 86) return talk(run, run.dice.below(100));
  if (what < 91) return run.server.answer_something();
  if (what < 95) return come_and_go(run);
  if (what < 96) return stop_or_start_taking(run);
  if (run.rights.on && run.dice.one_in(8)) return change_rights(run);
  pass_time(run);
}

}  // namespace headgate::sim
