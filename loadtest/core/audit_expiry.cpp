#include <algorithm>

#include "loadtest/core/audit.hpp"
#include "loadtest/core/audit_details.hpp"
#include "loadtest/core/plan.hpp"

// Messages that expire while a persistent audience is away. Of the publishers concerned the audit keeps when they sent
// what, roughly; what may have expired counts as expired.
namespace headgate::loadtest::core {

namespace {

// When there are so many, two become one and the interval doubles: 512 at 50 ms are 25 s, and ten minutes have one
// every 1.6 s.
constexpr std::size_t most_times = 512;
// The property counts whole seconds, and servers do so by clocks of whole seconds.
constexpr std::uint64_t slack_ns = second_ns;

void join_pairs(publisher_details& of) {
  auto& times = of.times;
  for (std::size_t at = 0; at < times.size(); at += 2) {
    times[at / 2] = times[at];
    if (at + 1 < times.size()) times[at / 2].last_ns = times[at + 1].last_ns;
  }
  times.resize((times.size() + 1) / 2);
  of.interval_ns *= 2;
}

// The vector has doubled its room out of the budget; false: there is none.
bool make_room(std::vector<publisher_details::sent_at>& times, memory_budget& memory) {
  if (times.size() < times.capacity()) return true;
  const std::size_t before = times.capacity();
  const std::size_t wanted = std::max<std::size_t>(8, 2 * before);
  if (!memory.take(wanted * sizeof(publisher_details::sent_at))) return false;
  times.reserve(wanted);
  memory.give(before * sizeof(publisher_details::sent_at));
  return true;
}

}  // namespace

// A time that cannot be kept makes the interval before it longer, and without any all of them may have expired.
void audit::note_time(publisher_record& from, std::uint64_t now_ns) {
  publisher_details* const more = details_of(from);
  if (more == nullptr) return forget();
  auto& times = more->times;
  if (!times.empty()) {
    if (now_ns < times.back().first_ns + more->interval_ns) {
      times.back().last_ns = now_ns;
      return;
    }
    if (times.size() == most_times) join_pairs(*more);
  }
  if (make_room(times, memory_)) {
    // Of those sent before the first time that could be kept nothing is known.
    const bool is_late = times.empty() && from.sent > 0;
    times.push_back({is_late ? 0 : now_ns, now_ns, is_late ? 0 : from.sent});
  } else {
    forget();
    if (!times.empty()) times.back().last_ns = now_ns;
  }
}

// Those whose expiry may have passed between the two instants.
sequence_range audit::expiring(const publisher_record& from, std::uint64_t since_ns, std::uint64_t until_ns) const {
  if (from.more == nullptr || from.more->times.empty()) return {0, from.sent};
  const auto& times = from.more->times;
  const std::uint64_t expiry_ns = from.expiry_s * second_ns;
  // From the first interval whose last message may have been alive at `since_ns` …
  const auto begin = std::ranges::find_if(times, [&](const publisher_details::sent_at& interval) {
    return interval.last_ns + expiry_ns + slack_ns >= since_ns;
  });
  // … up to that whose first one is alive at `until_ns`.
  const auto end = std::ranges::find_if(times, [&](const publisher_details::sent_at& interval) {
    return interval.first_ns + expiry_ns > until_ns + slack_ns;
  });
  return {begin == times.end() ? from.sent : begin->from, end == times.end() ? from.sent : end->from};
}

void audit::end_absence(audience_record& to, std::uint64_t now_ns) {
  for (flow& at : flows_in(to)) {
    const publisher_record& from = publishers_[at.publisher];
    if (from.expiry_s == mqtt::no_expiry || qos_of(to, at) == mqtt::qos::at_most_once) continue;
    sequence_range range = expiring(from, to.away_since_ns, now_ns);
    const bool has_gaps = at.more != nullptr && !at.more->missing.empty();
    range.from = std::max(range.from, has_gaps ? at.more->missing.ranges().front().from : at.next);
    if (range.from >= range.to) continue;
    flow::details* const more = details_of(at);
    if (more == nullptr || !more->expirable.add(range.from, range.to, memory_)) forget_open(at);
  }
}

}  // namespace headgate::loadtest::core
