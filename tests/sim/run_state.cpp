#include "tests/sim/run_state.hpp"

namespace headgate::sim {

namespace {

device draw_device(tests::dice& dice, std::uint16_t number) {
  device made;
  made.number = number;
  made.id = "device" + std::to_string(number);
  static constexpr mqtt::version versions[] = {mqtt::version::v3_1, mqtt::version::v3_1_1, mqtt::version::v3_1_1,
                                               mqtt::version::v5,   mqtt::version::v5,     mqtt::version::v5};
  made.version = versions[dice.below(6)];
  made.persistent = !dice.one_in(4);
  static constexpr std::uint32_t expiries[] = {10, 100, 3600, for_ever, for_ever};
  made.expiry_s = made.persistent ? expiries[dice.below(5)] : 0;
  if (dice.one_in(2)) made.receive_maximum = static_cast<std::uint16_t>(1 + dice.below(8));
  if (dice.one_in(4)) made.keep_alive_s = static_cast<std::uint16_t>(5 + dice.below(60));
  if (made.is_v5() && dice.one_in(3)) made.group = static_cast<int>(dice.below(groups.size()));
  return made;
}

}  // namespace

run_state::run_state(const run_options& chosen)
    : options(chosen),
      dice(chosen.seed * 0x9e37'79b9'7f4a'7c15ULL),
      trace(chosen.trace_lines),
      server(draw_shape(dice, chosen.small_log, chosen.kills), dice, book, trace) {
  const auto count = 4 + dice.below(7);
  for (std::uint32_t n = 0; n < count; ++n) devices.push_back(draw_device(dice, static_cast<std::uint16_t>(n)));
  // One run in three has rules; the others are as they were without.
  rights.on = options.seed % 3 == 0;
  // With rules, groups have several members, who may not be shown the same.
  for (auto& device : devices) {
    if (rights.on && device.is_v5() && device.group < 0 && dice.one_in(2)) {
      device.group = static_cast<int>(2 * dice.below(2));
    }
  }
  for (std::size_t topic = 0; topic < topics.size(); ++topic) {
    for (std::size_t n = 0; n < filters.size(); ++n) match[n][topic] = sim::matches(filters[n], topics[topic]);
    for (std::size_t n = 0; n < groups.size(); ++n) {
      match[filters.size() + n][topic] = sim::matches(groups[n].filter, topics[topic]);
    }
  }
}

void fail(run_state& run, const device& device, const std::string& what) {
  run.trace.say("FAILED at " + device.id);
  throw violation(device.id + ": " + what);
}

run_result run_seed(const run_options& options, std::deque<std::string>& lines) {
  run_state run(options);
  try {
    constexpr std::uint32_t phase = 1700;
    constexpr std::uint32_t disconnections = 10;
    const std::uint32_t faults = options.kills ? 10 : 0;
    std::uint32_t events = 0;
    if (run.rights.on) change_rights(run);
    const auto is_rich = [&] { return run.disconnections >= disconnections && run.faults >= faults; };
    while (events < options.events || (!is_rich() && events < 10 * options.events)) {
      for (std::uint32_t n = 0; n < phase; ++n, ++events) next_event(run);
      settle(run);
    }
    lines = run.trace.text();
    return {run.trace.hash(),
            events,
            run.disconnections,
            run.faults,
            run.book.size() - 1,
            run.deliveries,
            run.server.view().gateway.sessions_resumed,
            run.losses};
  } catch (const violation&) {
    lines = run.trace.text();
    throw;
  }
}

}  // namespace headgate::sim
