#include "loadtest/core/audit.hpp"
#include "loadtest/core/audit_details.hpp"

// Members come and go. While an audience is not active, nothing is kept: its flows stay where they are, and what lies
// between there and what was sent when it subscribes is not due (excuse_tail).
namespace headgate::loadtest::core {

// All that is missing, and that which will never be known to be.
void audit::forget_open(flow& at) {
  forget();
  if (at.more != nullptr) at.more->missing.clear(memory_);
  at.next = publishers_[at.publisher].sent;
}

void audit::excuse_tail(flow& at) {
  const std::uint64_t sent = publishers_[at.publisher].sent;
  if (outstanding(at) == 0) return;
  flow::details* const more = details_of(at);
  if (more != nullptr && more->not_due.add(at.next, sent, memory_)) return;
  forget();
  at.next = sent;
}

void audit::excuse_all(flow& at) {
  excuse_tail(at);
  if (at.more == nullptr) return;
  for (const sequence_range& range : at.more->missing.ranges()) {
    if (!at.more->not_due.add(range.from, range.to, memory_)) return forget_open(at);
  }
}

void audit::on_subscribed(audience_index audience) {
  audience_record& to = audiences_[audience.value];
  if (!to.is_shared) {
    to.members = 1;
  } else if (to.resubscribe > 0) {
    --to.resubscribe;
  } else {
    ++to.members;
  }
  if (to.is_active) return;
  for (flow& at : flows_in(to)) excuse_tail(at);
  to.is_active = true;
}

void audit::on_member_gone(audience_record& to) {
  if (to.members > 0) --to.members;
  if (to.members > 0 || !to.is_active) return;
  to.is_active = false;
  if (!to.is_shared) return;
  for (flow& at : flows_in(to)) excuse_all(at);
}

void audit::on_unsubscribed(audience_index audience) {
  on_member_gone(audiences_[audience.value]);
}

void audit::on_away(audience_index audience, std::uint64_t now_ns) {
  audience_record& to = audiences_[audience.value];
  to.has_ended = true;
  if (to.is_persistent) {
    if (to.away == 0) to.away_since_ns = now_ns;
    to.away = to.is_shared ? to.away + 1 : 1;
    return;
  }
  if (to.is_shared) {
    for (flow& at : flows_in(to)) {
      if (qos_of(to, at) == mqtt::qos::exactly_once) excuse_all(at);
    }
  }
  on_member_gone(to);
}

void audit::on_back(audience_index audience, bool session_present, std::uint64_t now_ns) {
  audience_record& to = audiences_[audience.value];
  if (!to.is_persistent) return;
  if (to.away > 0) {
    end_absence(to, now_ns);
    --to.away;
  }
  if (session_present) return;
  report(fault_kind::session_lost, nobody, audience.value, {});
  if (to.is_shared) ++to.resubscribe;
}

}  // namespace headgate::loadtest::core
