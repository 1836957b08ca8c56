#include "tests/unit/worker/late_engines.hpp"

#include <cstdlib>
#include <memory>
#include <string_view>

#include "session-store/memory_session_store.hpp"
#include "tests/support/later_log.hpp"
#include "tests/support/later_retained_store.hpp"
#include "tests/support/later_session_store.hpp"

namespace headgate::worker::testing {

bool completes_later() {
  const auto* chosen = std::getenv("HEADGATE_TEST_COMPLETIONS");
  return chosen != nullptr && std::string_view(chosen) == "later";
}

engines late_engines::make(const base::limits& limits, base::clock& clock) {
  engines made = memory_engines(limits, clock);
  made.log = [this, &limits](base::shard_id shard, base::mailbox&) {
    auto log = std::make_unique<broker::tests::later_log>(limits.log_memory_bytes, 0, nullptr, shard.value + 1U);
    logs_.push_back(log.get());
    return log;
  };
  made.retained = [this, &limits](base::shard_id, const broker::log::log_store&, base::mailbox&) {
    auto store = std::make_unique<broker::tests::later_retained_store>(limits.retained_memory_bytes);
    retained_.push_back(store.get());
    return store;
  };
  made.sessions = [this, &limits, &clock](session_store::answers& answers, base::mailbox&) {
    auto store = std::make_unique<headgate::tests::later_session_store>(
        answers, seed_, [&](session_store::answers& inner_answers) {
          return std::make_unique<session_store::memory_session_store>(inner_answers, clock,
                                                                       limits.max_stored_sessions);
        });
    sessions_ = store.get();
    return store;
  };
  made.door = [this](base::mailbox&) {
    auto door = std::make_unique<headgate::tests::later_authenticator>(true, judge, verifies_names);
    door_ = door.get();
    return door;
  };
  return made;
}

bool late_engines::complete_some(worker& worker) {
  bool pending = false;
  for (auto* log : logs_) {
    const bool uncommitted = log->committed() < log->end();
    if (uncommitted && dice_.one_in(2)) log->commit();
    pending |= uncommitted;
    pending |= log->answer_reads();
  }
  for (auto* store : retained_) pending |= store->go_on();
  if (sessions_ != nullptr && sessions_->pending() > 0) {
    pending = true;
    worker.letters().post([this, count = 1 + dice_.below(3)] {
      for (auto left = count; left > 0 && sessions_->deliver_one();) --left;
    });
  }
  if (door_->pending() > 0) {
    pending = true;
    worker.letters().post([this] { door_->answer_one(); });
  }
  return pending;
}

}  // namespace headgate::worker::testing
