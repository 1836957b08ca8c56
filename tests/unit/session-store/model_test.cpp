#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/unit/property.hpp"
#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

// The rules of the store as naively as they can be written: a map, and a look at all of it for each sweep.
class model {
 public:
  struct session {
    bool held = false;
    token now;
    std::uint32_t by = 0;
    bool present = false;
    std::string record, will;
    std::optional<std::uint64_t> ends_ms;
    std::uint64_t will_ms = 0;
    bool written = false;  // outlives the process
    afterlife after;       // as claimed
  };

  explicit model(const hand_moved_clock& clock) : clock_(clock) {}

  void claim(const std::string& id, engine::claim_options options, const claimed& answer) {
    auto& session = all_[id];
    if (session.held && !options.force) {
      ASSERT_EQ(answer.what, claimed::outcome::held);
      ASSERT_EQ(answer.holder, owner_number(session.by));
      return;
    }
    ASSERT_EQ(answer.what, claimed::outcome::granted);
    ASSERT_GT(answer.token.epoch, session.now.epoch);
    ASSERT_TRUE(!(session.held || session.present) || answer.token.epoch == session.now.epoch + 1);
    const bool ended = !session.held && has_ended(session);
    ASSERT_EQ(answer.will, session.will);
    const bool is_due = !session.will.empty() && (ended || options.discard || session.will_ms <= clock_.ms);
    ASSERT_EQ(answer.will_is_due, is_due);
    ASSERT_EQ(answer.will_in_s, session.will.empty() ? 0 : seconds_until(session.will_ms, clock_.ms));
    ASSERT_TRUE(is_due || answer.will_number == 0);
    if (is_due) given_.push_back({id, session.will});
    ASSERT_EQ(answer.present, session.present && !ended);
    if (ended || options.discard) session.present = false;
    if (!session.present) session.record.clear();
    ASSERT_EQ(answer.record, session.record);
    session.will.clear();
    session.written = (session.written && session.present) || options.afterlife.expiry_s != 0;
    session.after = options.afterlife;
    session.held = true;
    session.now = answer.token;
    session.by = options.by;
  }
  bool save(const std::string& id, token token, const std::string& record) {
    auto& session = all_[id];
    if (!session.held || session.now != token) return false;
    session.present = true;
    session.record = record;
    return true;
  }
  bool release(const std::string& id, token token, const engine::release_options& options) {
    auto& session = all_[id];
    if (!session.held || session.now != token) return false;
    session.held = false;
    session.present = options.expiry_s != 0 || !options.will.empty();
    session.written = session.present;
    session.record = options.record;
    leave(session, options.expiry_s, options.will, options.will_s);
    return true;
  }
  void forget(const due& published) {
    const auto found = std::find(given_.begin(), given_.end(), published);
    ASSERT_NE(found, given_.end());
    given_.erase(found);
  }
  // Whoever held a session has died, and what was to be published may not have been.
  void restart() {
    left_ = given_;
    for (auto& [id, session] : all_) {
      if (!session.held) continue;
      session.held = false;
      session.present = session.written;
      leave(session, session.after.expiry_s, session.after.expiry_s == 0 ? "" : session.after.will,
            session.after.will_s);
    }
  }
  std::vector<due> sweep() {
    auto due = std::exchange(left_, {});
    for (auto& [id, session] : all_) {
      if (session.held || !session.present) continue;
      const bool ended = has_ended(session);
      if (ended || (!session.will.empty() && session.will_ms <= clock_.ms)) {
        due.push_back({id, session.will});
        if (!session.will.empty()) given_.push_back(due.back());
        session.will.clear();
      }
      if (ended) session.present = false;
    }
    std::sort(due.begin(), due.end());
    return due;
  }
  token token_of(const std::string& id) { return all_[id].now; }
  std::uint32_t size() const {
    return static_cast<std::uint32_t>(
        std::count_if(all_.begin(), all_.end(), [](const auto& one) { return one.second.held || one.second.present; }));
  }

 private:
  void leave(session& session, std::uint32_t expiry_s, const std::string& will, std::uint32_t will_s) {
    session.will = will;
    session.will_ms = clock_.ms + std::uint64_t{will_s} * 1000;
    session.ends_ms = clock_.ms + std::uint64_t{expiry_s} * 1000;
    if (expiry_s == 0xffff'ffff) session.ends_ms.reset();
  }
  bool has_ended(const session& session) const {
    return session.present && session.ends_ms && *session.ends_ms <= clock_.ms;
  }

  const hand_moved_clock& clock_;
  std::map<std::string, session> all_;
  std::vector<due> given_;  // to be published, and not known to have been
  std::vector<due> left_;   // of these: by earlier lives
};

class run {
 public:
  run(tests::dice& dice, engine_kind kind) : dice_(dice), engine_(kind, 0, dice.bits()), model_(engine_.clock) {}

  void restart() {
    engine_.restart();
    model_.restart();
    ASSERT_EQ(engine_.size(), model_.size());
  }

  void step() {
    const auto id = "client " + std::to_string(dice_.below(40)) + std::string(dice_.below(2) * 30, 'x');
    switch (dice_.below(10)) {
      case 0:
      case 1:
      case 2:
        return claim(id);
      case 3:
      case 4: {
        const auto record = std::to_string(dice_.bits());
        const auto token = token_for(id);
        ASSERT_EQ(engine_.save(id, token, record), model_.save(id, token, record));
        return;
      }
      case 5:
      case 6:
      case 7:
        return release(id);
      case 8: {
        const auto swept = engine_.sweep();
        ASSERT_EQ(swept, model_.sweep());
        ASSERT_EQ(engine_.size(), model_.size());
        for (const auto& due : swept) publish(due);
        return;
      }
      default:
        engine_.clock.ms += dice_.below(dice_.one_in(10) ? 30'000 : 1'500);
    }
  }

 private:
  void claim(const std::string& id) {
    engine::claim_options options{.force = dice_.one_in(3), .discard = dice_.one_in(4), .by = dice_.below(100)};
    options.afterlife.expiry_s = any_expiry();
    options.afterlife.will = any_will_text();
    options.afterlife.will_s = dice_.below(20);
    const auto answer = engine_.claim(id, options);
    model_.claim(id, options, answer);
    publish({id, answer.will, answer.will_number});
  }
  void publish(const due& due) {
    if (due.number == 0 || dice_.one_in(3)) return;
    engine_.forget({due});
    model_.forget(due);
  }
  void release(const std::string& id) {
    const engine::release_options options{
        .record = std::to_string(dice_.bits()),
        .expiry_s = any_expiry(),
        .will = any_will_text(),
        .will_s = dice_.below(20),
    };
    const auto token = token_for(id);
    ASSERT_EQ(engine_.release(id, token, options), model_.release(id, token, options));
  }
  std::uint32_t any_expiry() {
    if (dice_.one_in(3)) return 0;
    return dice_.one_in(10) ? 0xffff'ffff : dice_.below(20);
  }
  std::string any_will_text() { return dice_.one_in(2) ? "" : "will " + std::to_string(dice_.bits()); }
  // Mostly the latest token of that id; sometimes another.
  token token_for(const std::string& id) {
    auto token = model_.token_of(id);
    if (dice_.one_in(10)) token.nonce += 1;
    if (dice_.one_in(10)) token.epoch -= 1;
    return token;
  }

  tests::dice& dice_;
  engine engine_;
  model model_;
};

void agree(engine_kind kind, int steps) {
  tests::for_each_seed([&](tests::dice& dice) {
    run run(dice, kind);
    for (int n = 0; n < steps && !::testing::Test::HasFatalFailure(); ++n) run.step();
  });
}

TEST(session_store_model, agrees_with_the_memory_store) {
  agree(engine_kind::now, 30'000);
}
TEST(session_store_model, agrees_with_a_store_that_answers_later) {
  agree(engine_kind::later, 10'000);
}
TEST(session_store_model, agrees_with_the_embedded_store) {
  agree(engine_kind::embedded, 10'000);
}
TEST(session_store_model, agrees_with_the_mortal_store) {
  agree(engine_kind::mortal, 10'000);
}

void agree_across_restarts(engine_kind kind) {
  tests::for_each_seed([kind](tests::dice& dice) {
    run run(dice, kind);
    for (int n = 0; n < 6'000 && !::testing::Test::HasFatalFailure(); ++n) {
      run.step();
      if (dice.one_in(200)) run.restart();
    }
  });
}

TEST(session_store_model, agrees_with_the_embedded_store_across_restarts) {
  agree_across_restarts(engine_kind::embedded);
}
TEST(session_store_model, agrees_with_the_mortal_store_across_restarts) {
  agree_across_restarts(engine_kind::mortal);
}

}  // namespace
}  // namespace headgate::session_store
