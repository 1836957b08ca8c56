#include "base/assert.hpp"
#include "loadtest/core/audit.hpp"
#include "loadtest/core/audit_details.hpp"

// What becomes of a publisher's messages. In order, nothing is kept but a number; what comes out of order, and what was
// not acknowledged, stands in sets.
namespace headgate::loadtest::core {

bool audit::is_settled(const publisher_record& from, std::uint64_t sequence) {
  if (sequence >= from.sent || sequence < from.settled_below) return true;
  return from.more != nullptr && from.more->settled.contains(sequence);
}

void audit::settle(publisher_record& from, std::uint64_t sequence) {
  if (sequence != from.settled_below) {
    publisher_details* const more = details_of(from);
    if (more == nullptr || !more->settled.add(sequence, sequence + 1, memory_)) {
      from.forgot = true;
      forget();
    }
    return;
  }
  ++from.settled_below;
  if (from.more == nullptr || from.more->settled.empty()) return;
  const sequence_range first = from.more->settled.ranges().front();
  if (first.from != from.settled_below) return;
  from.settled_below = first.to;
  from.more->settled.remove(first.from, first.to, memory_);
}

void audit::on_acknowledged_out_of_order(publisher_record& from, std::uint64_t sequence) {
  if (is_settled(from, sequence)) return;
  ++from.acknowledged;
  settle(from, sequence);
}

// At QoS 0 nothing is settled: the set alone says what need not come.
void audit::give_up(publisher_record& from, std::uint64_t sequence, sequence_set publisher_details::*kind) {
  ++from.given_up;
  publisher_details* const more = details_of(from);
  if (more == nullptr || !(more->*kind).add(sequence, sequence + 1, memory_)) {
    // It stays unsettled, so that nobody is expected to receive it.
    from.forgot = true;
    forget();
  } else if (from.qos != mqtt::qos::at_most_once) {
    settle(from, sequence);
  }
}

void audit::on_refused(publisher_index publisher, std::uint64_t sequence) {
  publisher_record& from = publishers_[publisher.value];
  if (is_settled(from, sequence)) return;
  ++verdict_.refused;
  give_up(from, sequence, &publisher_details::refused);
}

void audit::on_abandoned(publisher_index publisher, std::uint64_t sequence) {
  publisher_record& from = publishers_[publisher.value];
  if (is_settled(from, sequence)) return;
  ++verdict_.in_doubt;
  give_up(from, sequence, &publisher_details::abandoned);
}

void audit::on_sent_again(publisher_index publisher, std::uint64_t sequence) {
  publisher_details* const more = details_of(publishers_[publisher.value]);
  if (more == nullptr || !more->sent_again.add(sequence, sequence + 1, memory_)) forget();
}

bool audit::was_sent_again(std::uint32_t publisher, std::uint64_t sequence) const {
  const publisher_record& from = publishers_[publisher];
  return from.more != nullptr && from.more->sent_again.contains(sequence);
}

void audit::on_wrong_acknowledgement(publisher_index publisher) {
  report(fault_kind::wrong_acknowledgement, publisher.value, nobody, {});
}

}  // namespace headgate::loadtest::core
