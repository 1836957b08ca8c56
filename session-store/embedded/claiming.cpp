#include <utility>

#include "base/assert.hpp"
#include "base/hash.hpp"
#include "session-store/embedded/embedded_session_store.hpp"

namespace headgate::session_store::embedded {
namespace {

bool leaves_will(const afterlife& afterlife) {
  return afterlife.expiry_s != 0 && !afterlife.will.empty();
}

}  // namespace

std::optional<answer> embedded_session_store::start_claim(std::uint32_t number, claim& claim) {
  auto& entry = entries_[number];
  claimed answer;
  answer.request = claim.request;
  if (entry.held && claim.user != 0 && entry.user != 0 && entry.user != claim.user) {
    answer.what = claimed::outcome::of_another_user;
    return answer;
  }
  if (entry.held && !claim.force) {
    answer.what = claimed::outcome::held;
    answer.holder = {entry.incarnation, entry.worker, entry.client};
    return answer;
  }
  if (entry.on_disk) {
    take_job job{claim.client_id, entry.held, claim.discard, claim.user, entry.token.epoch + 1, now_ms(), {}};
    job.afterlife = std::move(claim.afterlife);
    claim.afterlife.expiry_s = job.afterlife.expiry_s;
    claim.afterlife.will_s = job.afterlife.will_s;
    line_of(entry).claims_will = leaves_will(job.afterlife);
    line_of(entry).claiming = std::move(claim);
    store_.submit(engine_, number, std::move(job));
    return std::nullopt;
  }
  if (claim.afterlife.expiry_s == 0) {
    answer.present = entry.saved;
    answer.given_back = !entry.held;
    if (entry.saved && !claim.discard) answer.record = entry.line->record;
    if (claim.discard) entry.saved = false;
    hold(entry, claim, entry.token.epoch + 1, false);
    answer.token = entry.token;
    return answer;
  }
  // Written before it is granted, so that its will is not lost.
  auto& line = line_of(entry);
  put_job job;
  job.client_id = claim.client_id;
  job.is_claim = true;
  job.value.epoch = entry.token.epoch + 1;
  job.value.user = claim.user;
  job.value.life = store_.life();
  job.value.saved = entry.saved && !claim.discard;
  if (job.value.saved) job.value.record = line.record;
  line.claims_will = leaves_will(claim.afterlife);
  set_times(job.value, claim.afterlife.expiry_s, line.claims_will, claim.afterlife.will_s, 0);
  if (line.claims_will) job.will = std::move(claim.afterlife.will);
  line.claiming = std::move(claim);
  store_.submit(engine_, number, std::move(job));
  return std::nullopt;
}

// The store thread has looked for a session that was, or may have been, stored.
claimed embedded_session_store::end_take(entry& entry, taken&& taken) {
  const auto claim = std::move(*std::exchange(line_of(entry).claiming, std::nullopt));
  claimed answer;
  answer.request = claim.request;
  answer.what = taken.what;
  if (taken.what != claimed::outcome::granted) return answer;
  if (taken.found && !entry.held && kept_ > 0) --kept_;
  entry.on_disk = taken.found;
  set_on_disk(entry, taken.stored);
  hold(entry, claim, taken.epoch, entry.line->claims_will);
  answer.token = entry.token;
  answer.present = taken.present;
  answer.given_back = taken.given_back;
  answer.record = std::move(taken.record);
  answer.will = std::move(taken.will);
  answer.will_is_due = taken.will_is_due;
  answer.will_in_s = taken.will_in_s;
  answer.will_number = taken.will_number;
  return answer;
}

// Of an id under which nothing was stored.
claimed embedded_session_store::end_first_claim(entry& entry, bool done) {
  auto& line = line_of(entry);
  const auto claim = std::move(*std::exchange(line.claiming, std::nullopt));
  claimed answer;
  answer.request = claim.request;
  if (!done) {
    answer.what = claimed::outcome::unavailable;
    return answer;
  }
  answer.present = entry.saved;
  answer.given_back = !entry.held;
  if (entry.saved && !claim.discard) answer.record = std::move(line.record);
  entry.saved = false;  // it is written now
  set_on_disk(entry, true);
  hold(entry, claim, entry.token.epoch + 1, line.claims_will);
  answer.token = entry.token;
  return answer;
}

void embedded_session_store::hold(entry& entry, const claim& claim, std::uint64_t epoch, bool has_will) {
  if (!entry.held) ++held_;
  entry.held = true;
  entry.token = {epoch, claim.nonce};
  entry.incarnation = claim.owner.incarnation;
  entry.worker = claim.owner.worker;
  entry.client = claim.owner.client;
  entry.user = claim.user;
  entry.expiry_s = claim.afterlife.expiry_s;
  entry.has_will = has_will;
  entry.will_s = claim.afterlife.will_s;
}

void embedded_session_store::set_on_disk(entry& entry, bool stored) {
  if (entry.on_disk == stored) return;
  entry.on_disk = stored;
  const auto hash = base::hash_of(entry.client_id.view());
  if (stored) {
    ids_.insert(hash);
  } else {
    ids_.erase(hash);
  }
}

}  // namespace headgate::session_store::embedded
