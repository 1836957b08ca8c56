#include <gtest/gtest.h>

#include <thread>

#include "base/hash.hpp"
#include "tests/support/bell.hpp"
#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

// A worker: claims, saves and releases its own ids, each again when it has been answered, and sweeps now and then.
class worker final : public answers {
 public:
  worker(embedded::store_thread& store, std::uint32_t number, std::uint32_t workers)
      : number_(number), workers_(workers), engine_(store, number, *this, letters_, clock_) {}

  void run() {
    std::uint32_t begun = 0;
    for (std::uint32_t n = 0; begun < 50; ++n) {
      const auto id = "device " + std::to_string(n);
      if (base::hash_of(id) % workers_ != number_) continue;
      ++begun;
      ids_.push_back(id);
      begin(begun - 1);
    }
    while (answered_ < 5'000) {
      clock_.ms += 1;
      if (answered_ % 100 == 0) engine_.submit(sweep{sweep_request});
      letters_.run_all();
      if (answered_ < 5'000 && !letters_.has_letters()) bell_.wait();
    }
  }
  void on_answer(answer&& answer) override {
    ++answered_;
    if (std::holds_alternative<swept>(answer)) return;
    const auto request = std::visit([](const auto& one) { return one.request; }, answer);
    const auto& id = ids_[request];
    if (const auto* granted = std::get_if<claimed>(&answer)) {
      EXPECT_EQ(granted->what, claimed::outcome::granted);
      engine_.submit(save{request, id, granted->token, "record"});
      engine_.submit(release{request, id, granted->token, "released", {request % 3, "will", 0}});
      return;
    }
    if (const auto* given = std::get_if<saved>(&answer)) {
      EXPECT_TRUE(given->admitted);
    }
    if (std::holds_alternative<released>(answer) && answered_ < 5'000) begin(request);
  }

 private:
  static constexpr std::uint32_t sweep_request = 1'000'000;

  void begin(std::uint32_t request) {
    engine_.submit(claim{.request = request,
                         .client_id = ids_[request],
                         .owner = owner_number(number_),
                         .nonce = 1,
                         .afterlife = {.expiry_s = request % 2, .will = {}}});
  }

  std::uint32_t number_;
  std::uint32_t workers_;
  hand_moved_clock clock_;
  headgate::tests::bell bell_;
  base::mailbox letters_{bell_};
  std::vector<std::string> ids_;
  int answered_ = 0;
  embedded::embedded_session_store engine_;
};

TEST(embedded_threads, workers_share_the_store_thread_and_leave_when_they_like) {
  constexpr std::uint32_t workers = 3;
  tests::temporary_directory directory;
  hand_moved_clock clock;
  auto store = embedded::store_thread::open({.directory = directory.path(), .engines = workers, .now = clock.now()});
  ASSERT_TRUE(store);
  std::vector<std::thread> threads;
  for (std::uint32_t n = 0; n < workers; ++n) {
    threads.emplace_back([&, n] { worker(**store, n, workers).run(); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE((*store)->view().away);
}

}  // namespace
}  // namespace headgate::session_store
