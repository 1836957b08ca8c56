#include <algorithm>

#include "loadtest/core/audit.hpp"
#include "loadtest/core/audit_details.hpp"
#include "loadtest/core/plan.hpp"

// Messages that expire while a persistent audience is away. Of the publishers concerned the audit keeps when they sent
// what, roughly; what may have expired counts as expired.
namespace headgate::loadtest::core {

namespace {

constexpr std::uint64_t first_interval_ns = 50'000'000;
// Then every second time goes and the interval doubles. 512 at 50 ms are 25 s, and 10 minutes have one every 1.6 s.
constexpr std::size_t most_times = 512;
// The property counts whole seconds, and servers do so by clocks of whole seconds.
constexpr std::uint64_t slack_ns = second_ns;

void keep_every_second(publisher_details& of) {
  for (std::size_t at = 1; 2 * at < of.times.size(); ++at) of.times[at] = of.times[2 * at];
  of.times.resize((of.times.size() + 1) / 2);
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
  if (more->times.empty()) {
    more->interval_ns = first_interval_ns;
  } else if (now_ns < more->times.back().time_ns + more->interval_ns) {
    return;
  }
  if (more->times.size() == most_times) keep_every_second(*more);
  if (!make_room(more->times, memory_)) return forget();
  more->times.push_back({now_ns, from.sent});
}

// Those whose expiry may have passed between the two instants.
sequence_range audit::expiring(const publisher_record& from, std::uint64_t since_ns, std::uint64_t until_ns) const {
  if (from.more == nullptr || from.more->times.empty()) return {0, from.sent};
  const auto& times = from.more->times;
  const std::uint64_t expiry_ns = from.expiry_s * second_ns;
  // The first interval that ended late enough for its last message to be alive at `since_ns` …
  const auto begin = std::ranges::find_if(times.begin() + 1, times.end(), [&](const publisher_details::sent_at& next) {
    return next.time_ns + expiry_ns + slack_ns >= since_ns;
  });
  // … up to the first one that began so late that its first one is alive at `until_ns`.
  const auto end = std::ranges::find_if(
      times, [&](const publisher_details::sent_at& first) { return first.time_ns + expiry_ns > until_ns + slack_ns; });
  return {(begin - 1)->from, end == times.end() ? from.sent : end->from};
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
