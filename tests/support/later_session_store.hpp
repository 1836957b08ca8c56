#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "session-store/session_store.hpp"
#include "tests/unit/property.hpp"

namespace headgate::tests {

// A session store whose answers come later: when the test says so, in order for each client id, and in an order that
// the seed decides across client ids; sweeps are one more line of their own. It wraps a store that answers at once. The
// seed also decides when the store does what it was asked: as soon as it may, or just before its answer is delivered;
// callers must take both.
//
//   later_session_store store(gateway_answers, seed, [&](auto& answers) {
//     return std::make_unique<session_store::memory_session_store>(answers, clock);
//   });
//   store.submit(…); … store.deliver_all();
//
// Delivering may submit again. One thread.
class later_session_store final : public session_store::session_store, private session_store::answers {
  // Inside this class its base classes hide the namespace of the same name.
  using port = headgate::session_store::session_store;
  using answers_port = headgate::session_store::answers;
  using request_type = headgate::session_store::request;
  using answer_type = headgate::session_store::answer;

 public:
  template <class MakeStore>
  later_session_store(answers_port& outside, std::uint64_t seed, MakeStore make_store)
      : outside_(outside), dice_(seed), inner_(make_store(static_cast<answers_port&>(*this))) {}

  void submit(request_type&& request) override {
    auto& line = lines_[line_of(request)];
    ++pending_;
    const bool may_run = line.empty() || line.back().answer;
    line.push_back({std::move(request), {}});
    if (may_run && dice_.one_in(2)) run(line.back());
  }

  // So that callers store what such a store is told between two waits, too.
  bool outlives_process() const override { return true; }
  // What was submitted and is still to be done does not count yet.
  headgate::session_store::store_view view() const override { return inner_->view(); }

  // Answers not yet delivered.
  std::size_t pending() const { return pending_; }
  // Answers not yet delivered about this client id.
  std::size_t pending(const std::string& client_id) const {
    const auto found = lines_.find(client_id);
    return found == lines_.end() ? 0 : found->second.size();
  }

  // Delivers the oldest answer of some client id, or of the sweeps; whether there was one.
  bool deliver_one() {
    if (lines_.empty()) return false;
    deliver(std::next(lines_.begin(), dice_.below(lines_.size())));
    return true;
  }
  // Delivers the oldest answer about this client id; whether there was one.
  bool deliver_one(const std::string& client_id) {
    const auto found = lines_.find(client_id);
    if (found == lines_.end()) return false;
    deliver(found);
    return true;
  }
  // Until nothing is pending, what is submitted meanwhile included. A caller that always asks again is a bug.
  void deliver_all() {
    for (std::size_t left = 1'000'000; deliver_one(); --left) HEADGATE_ASSERT(left > 0);
  }

  // The store behind it, to look at.
  port& inner() { return *inner_; }

 private:
  struct asked {
    std::optional<request_type> request;
    std::optional<answer_type> answer;
  };
  using line_key = std::optional<std::string>;  // nothing: sweeps
  using line_map = std::map<line_key, std::deque<asked>>;

  static line_key line_of(const request_type& request) {
    return std::visit(
        [](const auto& asked) -> line_key {
          if constexpr (requires { asked.client_id; }) return asked.client_id;
          return std::nullopt;
        },
        request);
  }

  // The inner store answers before its submit() returns.
  void run(asked& asked) {
    asked.answer.reset();
    running_ = &asked;
    inner_->submit(std::move(*asked.request));
    running_ = nullptr;
    HEADGATE_ASSERT(asked.answer);
    asked.request.reset();
  }
  void on_answer(answer_type&& answer) override {
    HEADGATE_ASSERT(running_ && !running_->answer);
    running_->answer = std::move(answer);
  }

  void deliver(line_map::iterator line) {
    auto& oldest = line->second.front();
    if (!oldest.answer) run(oldest);
    auto answer = std::move(*oldest.answer);
    line->second.pop_front();
    if (line->second.empty()) lines_.erase(line);
    --pending_;
    outside_.on_answer(std::move(answer));
  }

  answers_port& outside_;
  dice dice_;
  line_map lines_;
  asked* running_ = nullptr;
  std::size_t pending_ = 0;
  std::unique_ptr<port> inner_;
};

}  // namespace headgate::tests
