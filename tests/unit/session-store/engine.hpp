#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.hpp"
#include "base/time.hpp"
#include "session-store/memory_session_store.hpp"
#include "tests/support/embedded_home.hpp"
#include "tests/support/later_session_store.hpp"
#include "tests/support/mortal_session_store.hpp"

namespace headgate::session_store {

inline bool operator==(const due& one, const due& other) {
  return one.client_id == other.client_id && one.will == other.will;  // numbers are the store's
}
inline bool operator<(const due& one, const due& other) {
  return std::tie(one.client_id, one.will) < std::tie(other.client_id, other.will);
}
inline void PrintTo(const due& due, std::ostream* out) {
  *out << due.client_id << ": '" << due.will << "'";
}

class hand_moved_clock final : public base::clock {
 public:
  base::instant now() override {
    return {base::monotonic_ms(ms), base::wall_ms(1'700'000'000'000 + ms + wall_ahead_ms)};
  }
  std::uint64_t monotonic_ns() override { return ms * 1'000'000; }
  std::uint64_t ms = 5'000;
  std::uint64_t wall_ahead_ms = 0;
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

// The engines that have to agree, and how they complete.
enum class engine_kind : std::uint8_t {
  now,       // memory_session_store
  later,     // the same behind later_session_store
  embedded,  // embedded_session_store in a directory of its own, with its thread
  mortal,    // mortal_session_store, which has no bound
};
inline void PrintTo(engine_kind kind, std::ostream* out) {
  *out << std::array{"now", "later", "embedded", "mortal"}.at(static_cast<std::size_t>(kind));
}

// A store, and a caller that waits for the answer to each request.
class engine {
 public:
  explicit engine(engine_kind kind, std::uint32_t max_stored_sessions = 0, std::uint64_t seed = 1) {
    const auto memory = [&](auto& inner) {
      return std::make_unique<memory_session_store>(inner, clock, max_stored_sessions);
    };
    switch (kind) {
      case engine_kind::now:
        store_ = memory(answers);
        return;
      case engine_kind::later: {
        auto later = std::make_unique<tests::later_session_store>(answers, seed, memory);
        later_ = later.get();
        store_ = std::move(later);
        return;
      }
      case engine_kind::embedded:
        home_ = std::make_unique<tests::embedded_home>();
        max_stored_sessions_ = max_stored_sessions;
        open();
        return;
      case engine_kind::mortal:
        open();
        return;
    }
  }

  struct claim_options {
    bool force = false;
    bool discard = false;
    std::uint32_t by = 1;
    std::uint64_t user = 0;
    headgate::session_store::afterlife afterlife = {};
  };
  claimed claim(const std::string& id, claim_options options) {
    return ask<claimed>(headgate::session_store::claim{++request_, id, owner_number(options.by), ++nonce_,
                                                       options.force, options.discard, options.user,
                                                       std::move(options.afterlife)});
  }
  claimed claim(const std::string& id) { return claim(id, claim_options{}); }
  bool save(const std::string& id, token token, std::string record) {
    return ask<saved>(headgate::session_store::save{++request_, id, token, std::move(record)}).admitted;
  }
  struct release_options {
    std::string record = {};
    std::uint32_t expiry_s = 0;
    std::string will = {};
    std::uint32_t will_s = 0;
  };
  bool release(const std::string& id, token token, release_options options) {
    return ask<released>(headgate::session_store::release{++request_,
                                                          id,
                                                          token,
                                                          std::move(options.record),
                                                          {options.expiry_s, std::move(options.will), options.will_s}})
        .admitted;
  }
  // Sorted.
  std::vector<due> sweep() {
    auto all = ask<swept>(headgate::session_store::sweep{++request_}).all;
    std::sort(all.begin(), all.end());
    return all;
  }
  // Those of these wills that the store keeps are published.
  void forget(const std::vector<due>& all) {
    for (const auto& one : all) {
      if (one.number != 0) ask<will_forgotten>(forget_will{++request_, one.client_id, one.number});
    }
  }
  // Claims, and releases at once.
  void leave_behind(const std::string& id, release_options options) {
    const auto answer = claim(id);
    HEADGATE_ASSERT(answer.what == claimed::outcome::granted);
    HEADGATE_ASSERT(release(id, answer.token, std::move(options)));
  }
  void pass_s(std::uint64_t seconds) { clock.ms += seconds * 1000; }

  std::uint64_t last_nonce() const { return nonce_; }
  store_view view() const { return store_->view(); }
  // Sessions held or kept.
  std::uint64_t size() const { return view().held + view().kept; }
  session_store& store() { return *store_; }
  // Waits until all that was submitted is answered, `count` answers.
  void wait_for(std::size_t count) {
    if (later_ != nullptr) later_->deliver_all();
    if (home_) home_->wait_until([&] { return answers.all.size() >= count; });
    HEADGATE_ASSERT(answers.all.size() == count);
  }

  // Of one that outlives it: the process ends without a word, and starts again.
  void restart() {
    store_.reset();
    if (home_) home_->close();
    open();
  }
  tests::embedded_home& home() { return *home_; }

  hand_moved_clock clock;
  answer_list answers;

 private:
  void open() {
    if (!home_) {
      stored_.begin_life(clock.now().monotonic.value);
      store_ = std::make_unique<tests::mortal_session_store>(answers, clock, stored_);
      return;
    }
    home_->open(clock.now());
    store_ = home_->make(0, answers, clock, max_stored_sessions_);
  }
  template <class Answer>
  Answer ask(request request) {
    store_->submit(std::move(request));
    wait_for(1);
    auto answer = answers.take<Answer>();
    HEADGATE_ASSERT(answer.request == request_);
    return answer;
  }

  std::uint32_t request_ = 100;
  std::uint64_t nonce_ = 1'000;
  std::uint32_t max_stored_sessions_ = 0;
  std::unique_ptr<tests::embedded_home> home_;
  tests::stored_sessions stored_;
  std::unique_ptr<session_store> store_;
  tests::later_session_store* later_ = nullptr;  // store_, if it is one
};

}  // namespace headgate::session_store
