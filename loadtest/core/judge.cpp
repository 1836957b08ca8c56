#include <algorithm>

#include "loadtest/core/audit.hpp"
#include "loadtest/core/audit_details.hpp"

// The end: what is missing is missing. And the question before it, whether anything still is.
namespace headgate::loadtest::core {

bool audit::is_up_to_date(const audience_record& to, const flow& at) const {
  return (at.more == nullptr || at.more->missing.empty()) && (!to.is_active || outstanding(at) == 0);
}

// What somebody may have to receive of this publisher.
void audit::find_expected(const publisher_record& from, search& in) const {
  in.expected.clear();
  const std::uint64_t below = from.qos == mqtt::qos::at_most_once ? from.sent : from.settled_below;
  if (below > 0) in.expected.push_back({0, below});
  if (from.more == nullptr) return;
  const auto settled = from.more->settled.ranges();
  in.expected.insert(in.expected.end(), settled.begin(), settled.end());
  subtract(in.expected, from.more->refused.ranges(), in.scratch);
  subtract(in.scratch, from.more->abandoned.ranges(), in.expected);
}

// Of what is expected: what was not received and is due.
void audit::find_missing(const audience_record& to, const flow& at, search& in) const {
  in.missing.clear();
  in.expired.clear();
  if (at.more != nullptr) {
    const auto gaps = at.more->missing.ranges();
    in.missing.assign(gaps.begin(), gaps.end());
  }
  const std::uint64_t sent = publishers_[at.publisher].sent;
  if (to.is_active && at.next < sent) in.missing.push_back({at.next, sent});
  intersect(in.missing, in.expected, in.scratch);
  in.missing.swap(in.scratch);
  if (at.more == nullptr) return;
  subtract(in.missing, at.more->not_due.ranges(), in.scratch);
  intersect(in.scratch, at.more->expirable.ranges(), in.expired);
  subtract(in.scratch, at.more->expirable.ranges(), in.missing);
}

bool audit::is_settled(const audience_record& to, search& in) const {
  for (const flow& at : std::span(flows_).subspan(to.first_flow, to.flows)) {
    if (is_up_to_date(to, at)) continue;
    find_expected(publishers_[at.publisher], in);
    find_missing(to, at, in);
    if (count_wanted(at, in.missing) > 0) return false;
  }
  return true;
}

// Begins where it stopped the last time, and goes round: as long as something is missing there, that is all.
bool audit::is_settled() const {
  for (std::size_t looked = 0; looked < publishers_.size(); ++looked) {
    const publisher_record& from = publishers_[unsettled_publisher_];
    if (from.qos != mqtt::qos::at_most_once && from.acknowledged + from.given_up < from.sent) return false;
    unsettled_publisher_ = (unsettled_publisher_ + 1) % publishers_.size();
  }
  search in;
  for (std::size_t looked = 0; looked < audiences_.size(); ++looked) {
    if (!is_settled(audiences_[unsettled_audience_], in)) return false;
    unsettled_audience_ = (unsettled_audience_ + 1) % audiences_.size();
  }
  return true;
}

verdict audit::judge(std::uint64_t now_ns) {
  search in;
  for (std::uint32_t publisher = 0; publisher < publishers_.size(); ++publisher) judge_publisher(publisher);
  for (std::uint32_t audience = 0; audience < audiences_.size(); ++audience) {
    if (audiences_[audience].away > 0) end_absence(audiences_[audience], now_ns);
    judge_audience(audience, in);
  }
  verdict_.memory_bytes = memory_.most();
  return verdict_;
}

void audit::judge_publisher(std::uint32_t publisher) {
  const publisher_record& from = publishers_[publisher];
  if (from.qos == mqtt::qos::at_most_once || from.forgot || from.settled_below == from.sent) return;
  const sequence_range open[] = {{from.settled_below, from.sent}};
  std::vector<sequence_range> unanswered(std::begin(open), std::end(open));
  if (from.more != nullptr) subtract(open, from.more->settled.ranges(), unanswered);
  for (const sequence_range& range : unanswered) {
    report(fault_kind::never_acknowledged, publisher, nobody, range, range.to - range.from);
  }
}

// Unreadable payloads stand for what is missing above QoS 0 first: that would be a fault.
void audit::judge_audience(std::uint32_t audience, search& in) {
  const audience_record& to = audiences_[audience];
  in.stand_ins = to.unreadable;
  for (const bool is_at_qos_0 : {false, true}) {
    for (const flow& at : flows_in(to)) {
      if ((qos_of(to, at) == mqtt::qos::at_most_once) == is_at_qos_0) judge_flow(audience, at, in);
    }
  }
}

void audit::judge_flow(std::uint32_t audience, const flow& at, search& in) {
  const audience_record& to = audiences_[audience];
  const publisher_record& from = publishers_[at.publisher];
  const bool is_required = qos_of(to, at) != mqtt::qos::at_most_once;
  if (at.more == nullptr && at.mask == 0 && at.next == from.sent) {
    if (is_required) verdict_.required += from.acknowledged;
    return;
  }
  find_expected(from, in);
  find_missing(to, at, in);
  if (is_required) {
    const std::uint64_t expired = count_wanted(at, in.expired);
    verdict_.expired += expired;
    verdict_.required += count_due(to, at, in) - expired;
  }
  judge_missing(audience, at, in);
}

// How many of what is expected the flow is to get, or was.
std::uint64_t audit::count_due(const audience_record& to, const flow& at, search& in) const {
  std::vector<sequence_range> due = in.expected;
  if (at.more != nullptr) subtract(in.expected, at.more->not_due.ranges(), due);
  if (!to.is_active) {
    const sequence_range tail[] = {{at.next, publishers_[at.publisher].sent}};
    subtract(due, tail, in.scratch);
    due.swap(in.scratch);
  }
  return count_wanted(at, due);
}

void audit::judge_missing(std::uint32_t audience, const flow& at, search& in) {
  const bool is_fault = qos_of(audiences_[audience], at) != mqtt::qos::at_most_once;
  for (sequence_range range : in.missing) {
    std::uint64_t count = count_wanted(at, range.from, range.to);
    const std::uint64_t excused = std::min(count, in.stand_ins);
    in.stand_ins -= excused;
    count -= excused;
    if (count == 0) continue;
    for (std::uint64_t skipped = 0; skipped < excused; ++skipped) range.from = next_wanted(at, range.from) + 1;
    if (is_fault) {
      report(fault_kind::lost, at.publisher, audience, range, count);
    } else {
      verdict_.qos0_dropped += count;
    }
  }
}

}  // namespace headgate::loadtest::core
