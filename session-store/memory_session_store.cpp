#include "session-store/memory_session_store.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "base/hash.hpp"

namespace headgate::session_store {
namespace {

constexpr std::uint32_t for_ever_s = 0xffff'ffff;

}  // namespace

memory_session_store::memory_session_store(answers& answers, base::clock& clock, std::uint32_t max_stored_sessions)
    : answers_(answers), clock_(clock), max_stored_sessions_(max_stored_sessions), due_(place_of{&entries_}) {}

void memory_session_store::submit(request&& request) {
  answers_.on_answer(std::visit([this](auto& asked) -> answer { return answer_to(asked); }, request));
}

claimed memory_session_store::answer_to(claim& claim) {
  claimed answer;
  answer.request = claim.request;
  const auto hash = base::hash_of(claim.client_id);
  auto number = find(hash, claim.client_id);
  if (number == base::hash_index::none) number = add(hash, claim.client_id);
  auto& entry = entries_[number];
  if (is_of_another(entry, claim.user)) {
    answer.what = claimed::outcome::of_another_user;
    return answer;
  }
  if (entry.held && !claim.force) {
    answer.what = claimed::outcome::held;
    answer.holder = {entry.incarnation, entry.worker, entry.client};
    return answer;
  }
  answer.given_back = !entry.held;
  if (entry.stored) hand_over(number, claim.discard, answer);
  entry.held = true;
  entry.token = {entry.token.epoch + 1, claim.nonce};
  entry.incarnation = claim.owner.incarnation;
  entry.worker = claim.owner.worker;
  entry.client = claim.owner.client;
  entry.user = claim.user;
  answer.token = entry.token;
  return answer;
}

saved memory_session_store::answer_to(save& save) {
  const auto number = find_held(save.client_id, save.token);
  if (number == base::hash_index::none) return {save.request, false};
  auto& entry = entries_[number];
  if (!entry.stored) entry.stored = std::make_unique<stored_session>();
  entry.stored->record = base::compact_string(save.record);
  return {save.request, true};
}

released memory_session_store::answer_to(release& release) {
  const auto number = find_held(release.client_id, release.token);
  if (number == base::hash_index::none) return {release.request, false};
  if (release.afterlife.expiry_s != 0 && max_stored_sessions_ != 0 && kept_ >= max_stored_sessions_) {
    release.afterlife.expiry_s = 0;
    ++not_kept_;
  }
  if (release.afterlife.expiry_s == 0 && release.afterlife.will.empty()) {
    forget(number);
  } else {
    keep(number, release);
  }
  return {release.request, true};
}

swept memory_session_store::answer_to(const sweep& sweep) {
  swept answer{sweep.request, {}};
  if (due_.empty()) return answer;
  const auto now = now_ms();
  for (std::size_t n = 0; n < base::due_per_sweep && !due_.empty() && due_.first().at_ms <= now; ++n) {
    take_due(due_.first().number, now, answer.all);
  }
  return answer;
}

std::uint32_t memory_session_store::find(std::uint64_t hash, std::string_view client_id) const {
  return index_.find(hash, [&](std::uint32_t number) { return entries_[number].client_id.view() == client_id; });
}

std::uint32_t memory_session_store::add(std::uint64_t hash, std::string_view client_id) {
  const auto number = entries_.acquire();
  entries_[number].client_id = base::compact_string(client_id);
  entries_[number].token.epoch = forgotten_epoch_;
  index_.insert(hash, number);
  return number;
}

// The entry, if it is held with this token.
std::uint32_t memory_session_store::find_held(std::string_view client_id, token token) const {
  const auto number = find(base::hash_of(client_id), client_id);
  if (number == base::hash_index::none) return number;
  const auto& entry = entries_[number];
  return entry.held && entry.token == token ? number : base::hash_index::none;
}

// Whether the session is bound to another user, and has not ended.
bool memory_session_store::is_of_another(const entry& entry, std::uint64_t user) {
  if (user == 0 || entry.user == 0 || entry.user == user) return false;
  return entry.held || (entry.stored && entry.stored->ends_ms > now_ms());
}

// Tells a claimer what is stored.
void memory_session_store::hand_over(std::uint32_t number, bool discard, claimed& answer) {
  auto& entry = entries_[number];
  auto& stored = *entry.stored;
  bool ended = false;
  if (!entry.held) {
    due_.erase(number);
    --kept_;
    const auto now = now_ms();
    ended = stored.ends_ms <= now;
    answer.will = std::exchange(stored.will, {}).view();
    answer.will_is_due = !answer.will.empty() && (ended || discard || stored.will_ms <= now);
    if (!answer.will.empty()) answer.will_in_s = seconds_until(stored.will_ms, now);
  }
  answer.present = !ended;
  if (ended || discard) {
    entry.stored.reset();
  } else {
    answer.record = stored.record.view();
  }
}

void memory_session_store::keep(std::uint32_t number, release& release) {
  auto& entry = entries_[number];
  if (!entry.stored) entry.stored = std::make_unique<stored_session>();
  auto& stored = *entry.stored;
  const auto now = now_ms();
  stored.record = base::compact_string(release.afterlife.expiry_s == 0 ? std::string_view() : release.record);
  stored.will = base::compact_string(release.afterlife.will);
  stored.ends_ms =
      release.afterlife.expiry_s == for_ever_s ? never : now + std::uint64_t{release.afterlife.expiry_s} * 1000;
  stored.will_ms = release.afterlife.will.empty() ? never : now + std::uint64_t{release.afterlife.will_s} * 1000;
  entry.held = false;
  ++kept_;
  schedule(number);
}

// The entry must not be in the heap.
void memory_session_store::schedule(std::uint32_t number) {
  const auto& stored = *entries_[number].stored;
  const auto at_ms = std::min(stored.ends_ms, stored.will_ms);
  if (at_ms != never) due_.insert(at_ms, number);
}

void memory_session_store::take_due(std::uint32_t number, std::uint64_t now, std::vector<due>& all) {
  due_.erase(number);
  auto& entry = entries_[number];
  auto& stored = *entry.stored;
  all.push_back({std::string(entry.client_id.view()), std::string(stored.will.view())});
  if (stored.ends_ms <= now) {
    --kept_;
    forget(number);
    return;
  }
  stored.will = {};
  stored.will_ms = never;
  schedule(number);
}

// The entry must not be in the heap.
void memory_session_store::forget(std::uint32_t number) {
  auto& gone = entries_[number];
  HEADGATE_ASSERT(gone.due_place == nowhere);
  forgotten_epoch_ = std::max(forgotten_epoch_, gone.token.epoch);
  index_.erase(base::hash_of(gone.client_id.view()), number);
  gone = entry{};
  entries_.release(number);
}

}  // namespace headgate::session_store
