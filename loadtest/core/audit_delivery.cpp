#include <algorithm>

#include "loadtest/core/audit.hpp"
#include "loadtest/core/audit_details.hpp"

// Deliveries that are not just the next one; that case is in the header.
namespace headgate::loadtest::core {

flow* audit::search_flow(audience_record& to, std::uint32_t publisher) {
  const std::span<flow> flows = flows_in(to);
  const auto found = std::ranges::lower_bound(flows, publisher, {}, &flow::publisher);
  if (found == flows.end() || found->publisher != publisher) return nullptr;
  to.last_flow = to.first_flow + static_cast<std::uint32_t>(found - flows.begin());
  return &*found;
}

audit::progress audit::on_unusual_delivery(audience_index audience, flow* at, const delivery& message) {
  const audience_record& to = audiences_[audience.value];
  const std::uint64_t sequence = message.sequence;
  const sequence_range itself{sequence, sequence + 1};
  if (!message.is_whole) report(fault_kind::corrupted, message.publisher, audience.value, itself);
  if (at == nullptr && to.lacks_flows) return {};
  const bool is_expected = at != nullptr && sequence < publishers_[at->publisher].sent && wants(*at, sequence);
  if (!is_expected || !message.has_own_topic) {
    report(fault_kind::misdelivered, message.publisher, audience.value, itself);
  }
  if (!is_expected || message.retain) return {};
  if (sequence >= at->next) return on_later(to, *at, sequence);
  on_earlier(audience, *at, message);
  return {};
}

// The next one, or one behind a gap.
audit::progress audit::on_later(const audience_record& to, flow& at, std::uint64_t sequence) {
  const progress passed{at.next, std::max(next_wanted(at, sequence + 1), sequence + 1)};
  flow::details* more = nullptr;
  if (!to.is_active) {
    more = details_of(at);
    if (more == nullptr || !more->not_due.add(at.next, sequence + 1, memory_)) {
      forget();
      more = nullptr;
    }
  }
  // Without memory to excuse a gap it must not be remembered either.
  if (count_wanted(at, at.next, sequence) > 0 && (to.is_active || more != nullptr)) {
    more = details_of(at);
    if (more == nullptr || !more->missing.add(next_wanted(at, at.next), sequence, memory_)) forget();
  }
  ++verdict_.received;
  at.next = passed.to;
  return passed;
}

bool audit::has_reason(const audience_record& to, const delivery& message) const {
  return message.dup || to.has_ended || was_sent_again(message.publisher, message.sequence);
}

// Whether one of the same topic that was sent later has been received: one that is neither missing nor beyond `next`.
bool audit::came_later(const flow& at, std::uint64_t sequence) const {
  const std::uint64_t topics = topics_of(at);
  std::uint64_t candidate = sequence + topics;
  const auto missing = at.more->missing.ranges();
  auto gap = std::ranges::upper_bound(missing, sequence, {}, &sequence_range::to);
  for (; gap != missing.end() && candidate < at.next; ++gap) {
    if (candidate < gap->from) return true;
    if (candidate < gap->to) candidate += (gap->to - candidate + topics - 1) / topics * topics;
  }
  return candidate < at.next;
}

// One that was passed over fills its gap; any other has come before.
void audit::on_earlier(audience_index audience, flow& at, const delivery& message) {
  const audience_record& to = audiences_[audience.value];
  const std::uint64_t sequence = message.sequence;
  const sequence_range* const gap = at.more != nullptr ? at.more->missing.range_of(sequence) : nullptr;
  if (gap == nullptr) return on_again(audience, at, message);
  ++verdict_.received;
  if (!to.is_shared && verdict_.complete && !has_reason(to, message) && came_later(at, sequence)) {
    report(fault_kind::reordered, at.publisher, audience.value, {sequence, sequence + 1});
  }
  // Of the gap those parts stay that the audience wants something of.
  const std::uint64_t above = std::min(next_wanted(at, sequence + 1), gap->to);
  const std::uint64_t begin = gap->from;
  const std::uint64_t below = count_wanted(at, begin, sequence) == 0 ? begin : sequence;
  if (at.more->missing.remove(below, above, memory_)) return;
  // Two gaps need memory that one does not: the lower one is forgotten.
  forget();
  at.more->missing.remove(begin, above, memory_);
}

void audit::on_again(audience_index audience, const flow& at, const delivery& message) {
  const audience_record& to = audiences_[audience.value];
  const bool is_exactly_once = qos_of(to, at) == mqtt::qos::exactly_once;
  const bool is_permitted = is_exactly_once ? to.is_shared && to.has_ended : has_reason(to, message);
  if (is_permitted) {
    ++verdict_.duplicated_with_reason;
  } else if (verdict_.complete) {  // else it may be one of a gap that could not be remembered
    report(is_exactly_once ? fault_kind::duplicated_at_qos_2 : fault_kind::duplicated, at.publisher, audience.value,
           {message.sequence, message.sequence + 1});
  }
}

void audit::on_unreadable(audience_index audience) {
  ++audiences_[audience.value].unreadable;
  report(fault_kind::corrupted, nobody, audience.value, {});
}

void audit::on_stray(std::uint32_t publisher, std::uint64_t sequence) {
  report(fault_kind::misdelivered, publisher, nobody, {sequence, sequence + 1});
}

}  // namespace headgate::loadtest::core
