#pragma once

#include <algorithm>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.hpp"
#include "base/time.hpp"
#include "session-store/memory_session_store.hpp"

namespace headgate::session_store {

inline bool operator==(const due& one, const due& other) {
  return one.client_id == other.client_id && one.will == other.will;
}
inline bool operator<(const due& one, const due& other) {
  return std::tie(one.client_id, one.will) < std::tie(other.client_id, other.will);
}
inline void PrintTo(const due& due, std::ostream* out) {
  *out << due.client_id << ": '" << due.will << "'";
}

class hand_moved_clock final : public base::clock {
 public:
  base::instant now() override { return {base::monotonic_ms(ms), {}}; }
  std::uint64_t monotonic_ns() override { return ms * 1'000'000; }
  std::uint64_t ms = 5'000;
};

class answer_list final : public answers {
 public:
  void on_answer(answer&& answer) override { all.push_back(std::move(answer)); }
  // The only answer, which must be one of this kind.
  template <class Kind>
  Kind take() {
    HEADGATE_ASSERT(all.size() == 1 && std::holds_alternative<Kind>(all.front()));
    auto taken = std::get<Kind>(std::move(all.front()));
    all.clear();
    return taken;
  }
  std::vector<answer> all;
};

inline owner owner_number(std::uint32_t number) {
  return {.incarnation = 70 + number, .worker = base::worker_id(1), .client = {number, 3}};
}

// A memory store and a caller that reads its answer after each request.
class engine {
 public:
  explicit engine(std::uint32_t max_stored_sessions = 0) : store(answers, clock, max_stored_sessions) {}

  struct claim_options {
    bool force = false;
    bool discard = false;
    std::uint32_t by = 1;
    std::uint64_t user = 0;
  };
  claimed claim(const std::string& id, claim_options options) {
    store.submit(headgate::session_store::claim{++request_, id, owner_number(options.by), ++nonce_, options.force,
                                                options.discard, options.user});
    return checked(answers.take<claimed>());
  }
  claimed claim(const std::string& id) { return claim(id, claim_options{}); }
  bool save(const std::string& id, token token, std::string record) {
    store.submit(headgate::session_store::save{++request_, id, token, std::move(record)});
    return checked(answers.take<saved>()).admitted;
  }
  struct release_options {
    std::string record = {};
    std::uint32_t expiry_s = 0;
    std::string will = {};
    std::uint32_t will_s = 0;
  };
  bool release(const std::string& id, token token, release_options options) {
    store.submit(headgate::session_store::release{
        ++request_, id, token, std::move(options.record), {options.expiry_s, std::move(options.will), options.will_s}});
    return checked(answers.take<released>()).admitted;
  }
  // Sorted.
  std::vector<due> sweep() {
    store.submit(headgate::session_store::sweep{++request_});
    auto all = checked(answers.take<swept>()).all;
    std::sort(all.begin(), all.end());
    return all;
  }
  // Claims, and releases at once.
  void leave_behind(const std::string& id, release_options options) {
    const auto answer = claim(id);
    HEADGATE_ASSERT(answer.what == claimed::outcome::granted);
    HEADGATE_ASSERT(release(id, answer.token, std::move(options)));
  }
  void pass_s(std::uint64_t seconds) { clock.ms += seconds * 1000; }

  std::uint64_t last_nonce() const { return nonce_; }

  hand_moved_clock clock;
  answer_list answers;
  memory_session_store store;

 private:
  template <class Answer>
  Answer checked(Answer answer) const {
    HEADGATE_ASSERT(answer.request == request_);
    return answer;
  }

  std::uint32_t request_ = 100;
  std::uint64_t nonce_ = 1'000;
};

}  // namespace headgate::session_store
