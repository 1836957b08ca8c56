#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/limits.hpp"
#include "base/time.hpp"
#include "session-store/session_store.hpp"

namespace headgate::tests {

// What the device has of the sessions of one worker's directory, whatever becomes of the process.
class stored_sessions {
 public:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  struct session {
    std::uint64_t epoch = 0;
    std::uint64_t user = 0;
    bool is_held = false;    // in this life: then its times count from the end of that
    bool given_back = true;  // to whoever claims it next
    bool is_saved = false;   // there is a record; without: the claim alone was written
    std::uint64_t ends_ms = never;
    std::uint64_t will_ms = never;
    std::string will;
    std::string record;

    std::uint64_t due_ms() const { return will.empty() ? ends_ms : std::min(ends_ms, will_ms); }
    void set_times(const session_store::afterlife& after, std::uint64_t from_ms) {
      constexpr std::uint32_t for_ever_s = 0xffff'ffff;
      ends_ms = after.expiry_s == for_ever_s ? never : from_ms + std::uint64_t{after.expiry_s} * 1000;
      will_ms = from_ms + std::uint64_t{after.will_s} * 1000;
      will = after.will;
    }
  };

  // A process begins: the owners of the one before are dead, and what they left counts as released now.
  void begin_life(std::uint64_t now_ms) {
    ++life;
    left_wills = given_wills;
    for (auto& [id, session] : all) {
      if (!session.is_held) continue;
      session.is_held = session.given_back = false;
      if (session.ends_ms != never) session.ends_ms += now_ms;
      session.will_ms += now_ms;
    }
  }

  std::map<std::string, session> all;
  std::map<std::uint64_t, session_store::due> given_wills;  // by number: to be published, and not forgotten
  std::uint64_t last_given = 0;
  std::map<std::uint64_t, session_store::due> left_wills;  // of these: by earlier lives, and not given again in this
  std::uint64_t life = 0;
  // Asked before each write; false: the process is dead, and whatever it goes on to write is lost with it.
  std::function<bool()> writes = [] { return true; };
};

// A session store of one worker whose content outlives the process, with the meaning of the embedded one: who holds a
// session stands in memory, a claim with an expiry of 0 of an id under which nothing is stored is not written at all.
// It answers at once: what it has answered is stored. One thread.
class mortal_session_store final : public session_store::session_store {
  // Inside this class its base class hides the namespace of the same name.
  using answers_port = headgate::session_store::answers;
  using answer_type = headgate::session_store::answer;
  using claim = headgate::session_store::claim;
  using save = headgate::session_store::save;
  using release = headgate::session_store::release;
  using sweep = headgate::session_store::sweep;
  using forget_will = headgate::session_store::forget_will;
  using due = headgate::session_store::due;
  using claimed = headgate::session_store::claimed;
  using saved = headgate::session_store::saved;
  using released = headgate::session_store::released;
  using swept = headgate::session_store::swept;
  using will_forgotten = headgate::session_store::will_forgotten;

 public:
  mortal_session_store(answers_port& answers, base::clock& clock, stored_sessions& stored)
      : answers_(answers), clock_(clock), stored_(stored), all_(&stored.all), last_epoch_((stored.life - 1) << 32U) {}

  void submit(headgate::session_store::request&& request) override {
    answers_.on_answer(std::visit([this](auto& asked) -> answer_type { return answer_to(asked); }, request));
  }
  bool outlives_process() const override { return true; }
  headgate::session_store::store_view view() const override {
    const auto kept = std::count_if(all_->begin(), all_->end(), [](const auto& one) { return !one.second.is_held; });
    return {held_.size(), static_cast<std::uint64_t>(kept), 0};
  }

 private:
  struct held_session {
    headgate::session_store::token token;
    headgate::session_store::owner owner;
    std::uint64_t user = 0;
    headgate::session_store::afterlife afterlife;
    bool is_saved = false;  // `record`, of which nothing is written
    std::string record;
  };

  claimed answer_to(claim& claim) {
    claimed answer;
    answer.request = claim.request;
    const auto held = held_.find(claim.client_id);
    const bool is_held = held != held_.end();
    if (is_held && is_of_another(held->second.user, claim.user)) {
      answer.what = claimed::outcome::of_another_user;
      return answer;
    }
    if (is_held && !claim.force) {
      answer.what = claimed::outcome::held;
      answer.holder = held->second.owner;
      return answer;
    }
    const auto found = all_->find(claim.client_id);
    const bool is_stored = found != all_->end();
    if (is_stored && !is_held && is_of_another(found->second.user, claim.user) && found->second.ends_ms > now_ms()) {
      answer.what = claimed::outcome::of_another_user;
      return answer;
    }
    auto epoch = is_held ? held->second.token.epoch : last_epoch_;
    answer.given_back = !is_held;
    if (is_stored) {
      epoch = found->second.epoch;
      hand_over(claim, found->second, is_held, answer);
    } else if (is_held) {
      answer.present = held->second.is_saved;
      answer.record = held->second.record;
    }
    if (claim.discard) answer.record.clear();
    answer.token = {epoch + 1, claim.nonce};
    hold(claim, answer, is_stored);
    if (answer.will_is_due) answer.will_number = give(claim.client_id, answer.will);
    return answer;
  }

  // Tells a claimer what is stored.
  void hand_over(const claim& claim, const stored_sessions::session& found, bool is_held, claimed& answer) {
    answer.record = found.record;
    if (is_held) {
      answer.present = found.is_saved;
      return;
    }
    answer.given_back = found.given_back;
    const auto now = now_ms();
    const bool has_ended = found.ends_ms <= now;
    answer.present = !has_ended;
    if (has_ended) answer.record.clear();
    answer.will = found.will;
    answer.will_is_due = !found.will.empty() && (has_ended || claim.discard || found.will_ms <= now);
    if (!found.will.empty()) answer.will_in_s = headgate::session_store::seconds_until(found.will_ms, now);
  }

  // Right behind the change by which its session has it no more: the process is dead by then, or it is not.
  std::uint64_t give(const std::string& client_id, const std::string& will) {
    const auto number = ++stored_.last_given;
    if (all_ == &stored_.all) stored_.given_wills[number] = {client_id, will, number};
    return number;
  }
  will_forgotten answer_to(const forget_will& forget) {
    if (&to_write() == &stored_.all) stored_.given_wills.erase(forget.number);
    return {forget.request};
  }

  void hold(const claim& claim, const claimed& answer, bool was_stored) {
    const bool goes_on = answer.present && !claim.discard;
    auto& held = held_[claim.client_id];
    held = {answer.token, claim.owner, claim.user, claim.afterlife, goes_on, answer.record};
    if ((!was_stored || !goes_on) && claim.afterlife.expiry_s == 0) {
      if (was_stored) to_write().erase(claim.client_id);
      return;
    }
    auto& session = to_write()[claim.client_id];
    session = {};
    session.epoch = answer.token.epoch;
    session.user = claim.user;
    session.is_held = true;
    session.is_saved = goes_on;
    session.record = answer.record;
    session.set_times(claim.afterlife, 0);
    if (claim.afterlife.expiry_s == 0) session.will.clear();
  }

  saved answer_to(save& save) {
    const auto held = held_.find(save.client_id);
    if (held == held_.end() || held->second.token != save.token) return {save.request, false};
    const auto found = all_->find(save.client_id);
    auto& kept = held->second;
    if (found == all_->end()) {
      kept.is_saved = true;
      kept.record = std::move(save.record);
      return {save.request, true};
    }
    auto& session = to_write()[save.client_id];
    session.is_saved = true;
    session.record = std::move(save.record);
    return {save.request, true};
  }

  released answer_to(release& release) {
    const auto held = held_.find(release.client_id);
    if (held == held_.end() || held->second.token != release.token) return {release.request, false};
    const bool leaves_nothing = release.afterlife.expiry_s == 0 && release.afterlife.will.empty();
    last_epoch_ = std::max(last_epoch_, release.token.epoch);
    const auto user = held->second.user;
    held_.erase(held);
    if (leaves_nothing) {
      if (all_->contains(release.client_id)) to_write().erase(release.client_id);
      return {release.request, true};
    }
    auto& session = to_write()[release.client_id];
    session = {};
    session.epoch = release.token.epoch;
    session.user = user;
    session.is_saved = true;
    if (release.afterlife.expiry_s != 0) session.record = std::move(release.record);
    session.set_times(release.afterlife, now_ms());
    return {release.request, true};
  }

  swept answer_to(const sweep& sweep) {
    swept answer{sweep.request, {}};
    const auto now = now_ms();
    std::vector<std::pair<std::uint64_t, std::string>> all;
    for (const auto& [id, session] : *all_) {
      if (!session.is_held && session.due_ms() <= now) all.emplace_back(session.due_ms(), id);
    }
    for (auto& [number, will] : std::exchange(stored_.left_wills, {})) answer.all.push_back(std::move(will));
    std::sort(all.begin(), all.end());
    if (all.size() > base::due_per_sweep) all.resize(base::due_per_sweep);
    for (const auto& [due_ms, id] : all) take_due(id, now, answer);
    return answer;
  }

  void take_due(const std::string& id, std::uint64_t now, swept& answer) {
    auto& session = to_write()[id];
    auto will = std::exchange(session.will, {});
    const auto number = will.empty() ? 0 : give(id, will);
    answer.all.push_back({id, std::move(will), number});
    // As the embedded store has it: without a will nobody can tell the session from one that was released.
    session.given_back = true;
    if (session.ends_ms > now) return;
    last_epoch_ = std::max(last_epoch_, session.epoch);
    all_->erase(id);
  }

  static bool is_of_another(std::uint64_t user, std::uint64_t claimer) {
    return user != 0 && claimer != 0 && user != claimer;
  }
  std::map<std::string, stored_sessions::session>& to_write() {
    if (all_ == &stored_.all && !stored_.writes()) {
      lost_ = stored_.all;
      all_ = &lost_;
    }
    return *all_;
  }
  std::uint64_t now_ms() { return clock_.now().monotonic.value; }

  answers_port& answers_;
  base::clock& clock_;
  stored_sessions& stored_;
  std::map<std::string, stored_sessions::session>* all_;
  std::map<std::string, stored_sessions::session> lost_;  // what a dead process takes for stored
  std::map<std::string, held_session> held_;
  std::uint64_t last_epoch_ = 0;  // nothing that is gone had a higher one
};

}  // namespace headgate::tests
