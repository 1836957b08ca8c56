#include <algorithm>

#include "tests/sim/run_state.hpp"

namespace headgate::sim {

namespace {

// Every client takes, answers and acknowledges whatever comes, until nothing more comes.
void let_all_come(run_state& run) {
  for (int left = 20'000; left > 0; --left) {
    ++run.step;
    run.book.step = run.step;
    run.trace.at(run.step, run.server.now_ms());
    bool busy = run.server.turn_all();
    for (auto& device : run.devices) {
      if (device.line == nullptr) continue;
      device.line->takes = connection::all;
      busy |= !device.line->to_client.empty();
      receive(run, device);
      if (device.at == device::state::connected) acknowledge(run, device, true);
    }
    if (!busy) return;
  }
  throw violation("the server and its clients never come to rest");
}

// While all are here, and nothing changes: nothing of it may be missing, whatever each of them may read.
void let_all_publish(run_state& run) {
  for (auto& device : run.devices) {
    for (int n = 0; n < 4; ++n) publish(run, device);
  }
  let_all_come(run);
}

// What a client asked for and another worker's got is asked for again after a while.
void let_held_come(run_state& run) {
  for (int tries = 0; run.server.holds_any(); ++tries) {
    if (tries == 1000) throw violation("messages of a group wait for a client that takes all");
    run.server.advance_ms(1'100);
    let_all_come(run);
  }
}

}  // namespace

void settle(run_state& run) {
  run.settling = true;
  run.trace.say("---- settling");
  if (run.server.is_dead()) come_back(run);
  run.server.live_on();
  free_disks(run);
  for (std::size_t n = 0; n < run.server.workers(); ++n) run.server.sockets(n).give_up_abandoned();
  let_all_come(run);
  // Wills and sessions may come to their end.
  if (run.dice.one_in(2)) {
    for (auto& device : run.devices) {
      if (device.line != nullptr && run.dice.one_in(2)) drop(run, device);
    }
    let_all_come(run);
    for (int n = 0; n < 5; ++n) {
      run.server.advance_ms(30'000);
      let_all_come(run);
    }
  }
  // Sweeps, and those who were silent for too long, come once a second.
  for (int tries = 0; tries < 4; ++tries) {
    if (tries > 0) run.server.advance_ms(1'100);
    let_all_come(run);
    for (auto& device : run.devices) {
      if (device.at == device::state::offline) connect(run, device, false);
    }
    let_all_come(run);
  }
  for (const auto& device : run.devices) {
    if (device.at != device::state::connected) fail(run, device, "it cannot come back");
  }
  let_all_publish(run);
  let_held_come(run);
  check_at_rest(run);
  run.settling = false;
  run.trace.say("---- settled");
}

}  // namespace headgate::sim
