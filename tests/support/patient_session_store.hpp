#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "session-store/memory_session_store.hpp"
#include "session-store/session_record.hpp"

namespace headgate::tests {

// A session store in memory that answers saves when the test says so, if it is told to wait, and shows what they held.
// To its callers it outlives the process. One thread.
class patient_session_store final : public session_store::session_store, private session_store::answers {
  // Inside this class its base classes hide the namespace of the same name.
  using answers_port = headgate::session_store::answers;
  using request_type = headgate::session_store::request;
  using answer_type = headgate::session_store::answer;
  using record_type = headgate::session_store::session_record;

 public:
  patient_session_store(answers_port& outside, base::clock& clock) : outside_(outside), inner_(*this, clock, 0) {}

  void submit(request_type&& request) override {
    if (auto* claim = std::get_if<headgate::session_store::claim>(&request)) claim->force |= owners_are_dead;
    if (auto* save = std::get_if<headgate::session_store::save>(&request)) saved.push_back(decoded(save->record));
    if (auto* release = std::get_if<headgate::session_store::release>(&request)) {
      if (!release->record.empty()) released.push_back(decoded(release->record));
    }
    inner_.submit(std::move(request));
  }
  bool outlives_process() const override { return true; }
  headgate::session_store::store_view view() const override { return inner_.view(); }

  // Answers what waits, in order.
  void answer_all() {
    for (auto& answer : std::exchange(waiting_, {})) outside_.on_answer(std::move(answer));
  }

  std::vector<headgate::session_store::due> due;  // for the next sweep, besides what is due
  bool waits = false;                             // with the answers to saves
  bool claims_wait = false;                       // with those to claims
  bool releases_wait = false;                     // with those to releases
  bool owners_are_dead = false;                   // every claim gets the session
  std::vector<record_type> saved;
  std::vector<record_type> released;

 private:
  static record_type decoded(const std::string& record) {
    return *headgate::session_store::decode_session_record(base::as_bytes(record));
  }
  void on_answer(answer_type&& answer) override {
    if (auto* swept = std::get_if<headgate::session_store::swept>(&answer)) {
      for (auto& one : std::exchange(due, {})) swept->all.push_back(std::move(one));
    }
    const bool is_saved = std::holds_alternative<headgate::session_store::saved>(answer);
    const bool is_claimed = std::holds_alternative<headgate::session_store::claimed>(answer);
    const bool is_released = std::holds_alternative<headgate::session_store::released>(answer);
    if ((waits && is_saved) || (claims_wait && is_claimed) || (releases_wait && is_released))
      return waiting_.push_back(std::move(answer));
    outside_.on_answer(std::move(answer));
  }

  answers_port& outside_;
  headgate::session_store::memory_session_store inner_;
  std::vector<answer_type> waiting_;
};

}  // namespace headgate::tests
