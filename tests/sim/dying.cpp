#include <utility>

#include "tests/sim/run_state.hpp"

namespace headgate::sim {

namespace {

// Whether a will that is not stored, or has a delay, is published over this is the server's secret.
void forget_doubtful_wills(run_state& run) {
  for (auto& device : run.devices) {
    std::erase_if(device.fates, [](const will_fate& fate) { return !fate.over_death && !outlives_death(fate); });
    device.will.is_doubtful = true;
  }
}

void carry_wills_over_death(run_state& run) {
  forget_doubtful_wills(run);
  for (auto& device : run.devices) {
    device.will.over_death = true;
    for (auto& fate : device.fates) {
      fate.over_death = true;
      fate.line = nullptr;
    }
  }
}

// An orderly end publishes no will of those who are connected then.
void cancel_wills(run_state& run) {
  for (auto& device : run.devices) {
    std::erase_if(device.fates, [](const will_fate& fate) { return !fate.over_death && !fate.line->ended(); });
    if (device.at != device::state::offline) device.will.unsure = true;
  }
}

// Members begin anew, and groups with what was logged of them: what was given out before may be given out again.
void disturb_groups(run_state& run) {
  for (auto& group : run.shared) group.break_step = run.step;
}

// Section 4 of DESIGN.md: nothing that was acknowledged.
void check_lost(run_state& run, const std::vector<std::uint32_t>& lost) {
  for (const auto number : lost) {
    const auto& message = run.book[number];
    if (message.logged > 0 || message.acked_step == 0 || message.qos == 0) continue;
    // Its PUBACK may be that of a copy that came when its publisher might not write.
    if (run.rights.denied_since(message.publisher, message.topic, rights::access::write, message.first_step)) continue;
    fail(run, run.devices[message.publisher],
         "message " + std::to_string(number) + " was acknowledged, and the log has lost it");
  }
}

// `os` promises nothing about the machine.
bool draw_power_loss(run_state& run) {
  return run.server.shape().log.commit == broker::log::commit_policy::disk && run.dice.one_in(2);
}

void bury(run_state& run) {
  ++run.faults;
  const bool power = draw_power_loss(run);
  run.trace.note(power ? "loses power" : "dies", run.faults);
  run.server.bury(power);
}

// Wills that are not stored may find no room, and nobody says so.
void fill_disk(run_state& run) {
  ++run.faults;
  run.is_disk_full = true;
  forget_doubtful_wills(run);
  run.server.fill_some_disk(run.dice.below(3000));
  run.trace.note("disk is full");
}

}  // namespace

void free_disks(run_state& run) {
  if (!std::exchange(run.is_disk_full, false)) return;
  forget_doubtful_wills(run);
  run.server.free_disks();
  run.trace.note("disk has room");
}

void begin_fault(run_state& run) {
  if (run.server.is_dying()) return;
  if (run.is_disk_full && run.dice.one_in(2)) return free_disks(run);
  if (!run.is_disk_full && run.dice.one_in(8)) return fill_disk(run);
  if (!run.dice.one_in(6)) {
    run.trace.note("is to die");
    return run.server.die_after(run.dice.below(120));
  }
  run.trace.note("stops");
  cancel_wills(run);
  if (run.dice.one_in(3)) run.server.die_after(run.dice.below(60));
  run.server.stop();
  come_back(run);
}

void come_back(run_state& run) {
  carry_wills_over_death(run);
  disturb_groups(run);
  bury(run);
  run.server.advance_ms(run.dice.one_in(4) ? run.dice.below(20'000) : run.dice.below(200));
  while (!(run.dice.one_in(4) ? run.server.start(run.dice.below(80)) : run.server.start())) bury(run);
  run.server.live_on();
  run.trace.note("starts", run.faults);
  check_lost(run, run.server.look_for_lost());
  // Also while it takes up what was left.
  if (!run.settling && run.dice.one_in(4)) run.server.die_after(run.dice.below(60));
}

}  // namespace headgate::sim
