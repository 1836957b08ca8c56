#include "loadtest/relay/fault_plan.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "mqtt/topic.hpp"

namespace headgate::loadtest::relay {

namespace {

// A number from 0 to 1, without 1.
double share_of(std::uint64_t dice) {
  return static_cast<double>(dice >> 11) * 0x1p-53;
}

bool can_be_made(const rule& what, const packet_facts& packet) {
  if (what.kind == fault_kind::swap) return packet.can_swap;
  if (what.kind != fault_kind::corrupt) return true;
  return what.corrupts_topic ? packet.can_corrupt_topic : packet.can_corrupt_payload;
}

bool wants(const rule& what, const packet_facts& packet) {
  if ((what.types & bit_of(packet.type)) == 0 || !can_be_made(what, packet)) return false;
  return what.filter.empty() || (!packet.topic.empty() && mqtt::matches(what.filter, packet.topic));
}

stream_count& count_of(std::vector<stream_count>& counts, std::uint32_t number) {
  const auto found = std::ranges::find(counts, number, &stream_count::rule);
  return found != counts.end() ? *found : counts.emplace_back(stream_count{number, 0, 0});
}

}  // namespace

std::uint32_t fault_plan::add(const rule& what, std::uint64_t now_ns) {
  ++changes_;
  entry added;
  added.what = what;
  added.number = ++last_number_;
  added.since_ns = now_ns;
  if (what.kind == fault_kind::stall) added.next_stall_ns = now_ns;
  entries_.push_back(std::move(added));
  return last_number_;
}

std::size_t fault_plan::clear(std::optional<fault_kind> kind) {
  ++changes_;
  return std::erase_if(entries_, [&](const entry& each) { return !kind || each.what.kind == *kind; });
}

bool fault_plan::has(std::uint32_t number) const {
  return std::ranges::find(entries_, number, &entry::number) != entries_.end();
}

std::uint16_t fault_plan::types_of_interest(const identity& whose, direction way) const {
  std::uint16_t types = 0;
  for (const entry& each : entries_) {
    if (!each.what.is_of_packets() || each.is_used_up()) continue;
    if (each.what.goes(way) && each.what.connections.matches(whose)) types |= each.what.types;
  }
  return types;
}

std::uint64_t fault_plan::dice_of(const entry& each, const identity& whose, direction way, std::uint64_t seen) const {
  std::uint64_t state = seed_;
  for (const std::uint64_t part : {std::uint64_t{each.number}, whose.number, static_cast<std::uint64_t>(way), seen}) {
    state = base::random_source(state ^ part).next();
  }
  return state;
}

bool fault_plan::has_turn(const entry& each, const stream_count& here, std::uint64_t dice) const {
  const rule& what = each.what;
  const auto seen = what.each ? here.seen : each.seen;
  const auto made = what.each ? here.made : each.made;
  if (what.times > 0 && made >= what.times) return false;
  if (seen < what.first || (seen - what.first) % what.every != 0) return false;
  return what.probability >= 1 || share_of(dice) < what.probability;
}

fault_plan::decision fault_plan::decide(const identity& whose, direction way, const packet_facts& packet,
                                        std::vector<stream_count>& counts) {
  decision made;
  for (entry& each : entries_) {
    if (!each.what.is_of_packets() || each.is_used_up() || !each.what.goes(way)) continue;
    if (!each.what.connections.matches(whose) || !wants(each.what, packet)) continue;
    stream_count& here = count_of(counts, each.number);
    ++here.seen;
    ++each.seen;
    const auto dice = dice_of(each, whose, way, here.seen);
    if (made.what != nullptr || !has_turn(each, here, dice)) continue;
    ++here.made;
    ++each.made;
    if (each.is_used_up()) ++changes_;
    made = {&each.what, each.number, each.what.each ? here.seen : each.seen, base::random_source(dice).next()};
  }
  return made;
}

pacing fault_plan::pacing_of(const identity& whose, direction way) const {
  pacing pace;
  for (const entry& each : entries_) {
    const rule& what = each.what;
    if (!what.goes(way) || !what.connections.matches(whose)) continue;
    if (what.kind == fault_kind::delay) {
      pace.delay_ns = what.time_ns;
      pace.jitter_ns = what.jitter_ns;
    }
    if (what.kind == fault_kind::throttle) pace.bytes_per_second = what.bytes_per_second;
    if (what.kind == fault_kind::stall) pace.stalls.push_back({each.since_ns, what.time_ns, what.every_ns});
  }
  return pace;
}

std::uint32_t fault_plan::black_hole_of(const identity& whose, direction way) const {
  for (const entry& each : entries_) {
    if (each.what.kind != fault_kind::black_hole || !each.what.goes(way)) continue;
    if (each.what.connections.matches(whose)) return each.number;
  }
  return 0;
}

std::uint32_t fault_plan::refuse(const identity& whose) {
  for (entry& each : entries_) {
    if (each.what.kind != fault_kind::refuse || each.is_used_up() || !each.what.connections.matches(whose)) continue;
    ++each.made;
    return each.number;
  }
  return 0;
}

std::uint64_t fault_plan::report_stalls(std::uint64_t now_ns, fault_log& log) {
  std::uint64_t next_ns = for_ever;
  for (entry& each : entries_) {
    while (each.next_stall_ns <= now_ns) {
      fault made;
      made.kind = fault_kind::stall;
      made.rule = each.number;
      made.words = describe(each.what);
      made.nth = ++each.made;
      if (each.what.connections.what == selector::kind::number) made.connection = each.what.connections.number;
      log.add(made);
      each.next_stall_ns = each.what.every_ns > 0 ? each.next_stall_ns + each.what.every_ns : for_ever;
    }
    next_ns = std::min(next_ns, each.next_stall_ns);
  }
  return next_ns;
}

}  // namespace headgate::loadtest::relay
