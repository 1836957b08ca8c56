#include <utility>

#include "session-store/embedded/keys.hpp"
#include "session-store/embedded/table.hpp"

namespace headgate::session_store::embedded {
namespace {

// The session that a claim finds.
struct found_session {
  rocks::found there = rocks::found::no;
  stored_value value;
  std::string will;
  bool readable = false;
};

found_session find(table& table, const std::string& client_id) {
  found_session found;
  std::string bytes;
  found.there = table.store->read(session_key(client_id), bytes);
  if (found.there != rocks::found::yes) return found;
  auto value = decode_stored_value(base::as_bytes(bytes));
  if (!value) {
    ++table.unreadable;
    return found;
  }
  found.value = std::move(*value);
  found.readable = true;
  if (found.value.has_will && table.store->read(will_key(client_id), found.will) == rocks::found::failed) {
    found.there = rocks::found::failed;
  }
  return found;
}

// Tells the claimer what nobody holds (in this life neither: its claim was refused when a write failed, and had been
// written all the same; its times count from now): a record, and a will that has to be published now, or that its
// client is back in time for.
void hand_over(const table& table, const take_job& job, found_session& found, taken& outcome) {
  const auto& value = found.value;
  const auto is_over = [&](std::uint64_t time_ms) {
    return table.since_1970(value.life, time_ms, job.now_ms) <= job.now_ms;
  };
  const bool ended = is_over(value.ends_ms);
  outcome.present = !ended;
  if (!value.has_will) return;
  outcome.will = std::move(found.will);
  outcome.will_is_due = !outcome.will.empty() && (ended || job.discard || is_over(value.will_ms));
  outcome.will_in_s = seconds_until(table.since_1970(value.life, value.will_ms, job.now_ms), job.now_ms);
}

bool is_of_another(const table& table, const take_job& job, const found_session& found) {
  const auto& value = found.value;
  if (job.by_force || job.user == 0 || value.user == 0 || value.user == job.user) return false;
  return table.since_1970(value.life, value.ends_ms, job.now_ms) > job.now_ms;
}

// What stands there from now on, or nothing.
void replace(table& table, const take_job& job, const found_session& found, std::uint32_t engine, taken& outcome,
             changes& changes) {
  const auto& before = found.value;
  if (found.readable && before.due_ms() != never) {
    changes.erase(due_key(before.life, before.due_ms(), job.client_id));
  }
  const bool has_will = job.afterlife.expiry_s != 0 && !job.afterlife.will.empty();
  const bool had_will = found.readable ? before.has_will : outcome.found;
  if (had_will && !has_will) changes.erase(will_key(job.client_id));
  const bool goes_on = outcome.present && !job.discard;
  outcome.stored = goes_on || job.afterlife.expiry_s != 0;
  if (!outcome.stored) {
    if (outcome.found) changes.erase(session_key(job.client_id));
    return;
  }
  stored_value after;
  after.epoch = outcome.epoch;
  after.user = job.user;
  after.life = table.life;
  after.saved = goes_on;
  if (goes_on) after.record = outcome.record;
  set_times(after, job.afterlife.expiry_s, has_will, job.afterlife.will_s, 0);
  changes.put(session_key(job.client_id), encode(after));
  add_due(table, after, job.client_id, engine, changes);
  if (has_will) changes.put(will_key(job.client_id), job.afterlife.will);
}

}  // namespace

taken run(table& table, const take_job& job, std::uint32_t engine, changes& changes) {
  taken outcome;
  auto found = find(table, job.client_id);
  if (found.there == rocks::found::failed) {
    outcome.what = claimed::outcome::unavailable;
    return outcome;
  }
  outcome.found = found.there == rocks::found::yes;
  outcome.epoch = job.epoch;
  if (found.readable) {
    if (is_of_another(table, job, found)) {
      outcome.what = claimed::outcome::of_another_user;
      return outcome;
    }
    outcome.epoch = found.value.epoch + 1;
    outcome.given_back = !job.by_force && found.value.life == nobodys_life;
    if (job.by_force) {
      outcome.present = found.value.saved;
    } else {
      hand_over(table, job, found, outcome);
      if (outcome.will_is_due) outcome.will_number = give_will(table, job.client_id, outcome.will, changes);
    }
    if (outcome.present && !job.discard) outcome.record = found.value.record;
  }
  replace(table, job, found, engine, outcome, changes);
  return outcome;
}

}  // namespace headgate::session_store::embedded
