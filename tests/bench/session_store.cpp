// The embedded store of sessions: connects with and without a stored session, and the start of a process with many.
//
//   session_store                                     # a brief look
//   HEADGATE_BENCH_SESSIONS=1000000 session_store     # a fleet; the sessions are written once, in a temporary
//   directory

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <memory>
#include <string>

#include "net/system_clock.hpp"
#include "tests/support/embedded_home.hpp"

namespace headgate {

namespace {

namespace sessions = session_store;

int session_count() {
  const auto* count = ::getenv("HEADGATE_BENCH_SESSIONS");
  return count == nullptr ? 10'000 : ::atoi(count);
}

// A process with a store, and a caller with many requests under way.
class process final : public sessions::answers {
 public:
  process() { open(); }
  ~process() override {
    store_.reset();
    home_.close();
  }
  void open() {
    home_.open(clock_.now());
    store_ = home_.make(0, *this, clock_, 0);
  }
  void kill() {
    store_.reset();
    home_.close();
  }

  void claim(const std::string& id, std::uint32_t expiry_s, bool discard) {
    ++asked_;
    store_->submit(sessions::claim{.request = asked_,
                                   .client_id = id,
                                   .owner = {},
                                   .nonce = asked_,
                                   .discard = discard,
                                   .afterlife = {.expiry_s = expiry_s, .will = {}}});
  }
  void release(const std::string& id, std::uint32_t expiry_s) {
    store_->submit(sessions::release{++asked_, id, token_, std::string(60, 'r'), {expiry_s, {}, 0}});
  }
  // Claims and releases, `under_way` at a time.
  void come_and_go(int first, int count, std::uint32_t expiry_s, bool stay = false) {
    constexpr int under_way = 1024;
    for (int n = first; n < first + count; n += under_way) {
      const int end = std::min(n + under_way, first + count);
      tokens_.clear();
      for (int id = n; id < end; ++id) claim(id_of(id), expiry_s, false);
      wait();
      if (stay) continue;
      for (int id = n; id < end; ++id) {
        token_ = tokens_[static_cast<std::size_t>(id - n)];
        release(id_of(id), expiry_s);
      }
      wait();
    }
  }
  void wait() {
    home_.wait_until([&] { return answered_ == asked_; });
  }
  static std::string id_of(int number) { return "fleet-device-" + std::to_string(10'000'000 + number); }

  void on_answer(sessions::answer&& answer) override {
    ++answered_;
    if (const auto* granted = std::get_if<sessions::claimed>(&answer)) {
      token_ = granted->token;
      tokens_.push_back(granted->token);
    }
  }
  std::size_t memory_of_stored() const { return store_->memory_of_stored(); }
  std::uint64_t kept() const { return store_->view().kept; }

 private:
  net::system_clock clock_;
  tests::embedded_home home_;
  std::unique_ptr<sessions::embedded::embedded_session_store> store_;
  sessions::token token_;
  std::vector<sessions::token> tokens_;  // in the order of the claims
  std::uint32_t asked_ = 0;
  std::uint32_t answered_ = 0;
};

// A plain clean connect and its end, while so many sessions are stored: never leaves the worker.
void clean_connect(benchmark::State& run) {
  process process;
  process.come_and_go(0, session_count(), 3600);
  int n = 0;
  for (auto _ : run) {
    const auto id = process::id_of(1'000'000'000 + n++);
    process.claim(id, 0, true);
    process.release(id, 0);
  }
  run.SetItemsProcessed(run.iterations());
}
BENCHMARK(clean_connect);

// Clients that come back to their sessions and leave them again, 1,024 at a time, as after the loss of a load balancer.
void stored_connects(benchmark::State& run) {
  process process;
  const auto count = session_count();
  process.come_and_go(0, count, 3600);
  int n = 0;
  for (auto _ : run) {
    process.come_and_go(n, 1024, 3600);
    n = (n + 1024) % std::max(count - 1024, 1);
  }
  run.SetItemsProcessed(run.iterations() * 1024);
}
BENCHMARK(stored_connects)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

// From nothing to a store that answers, with sessions that nobody held (0) or all of whose owners have died (1).
void restart(benchmark::State& run) {
  process process;
  process.come_and_go(0, session_count(), 3600, run.range(0) == 1);
  process.kill();
  for (auto _ : run) {
    process.open();
    process.claim(process::id_of(0), 3600, false);
    process.wait();
    run.PauseTiming();
    run.counters["sessions"] = static_cast<double>(process.kept());
    run.counters["bytes_a_session"] =
        static_cast<double>(process.memory_of_stored()) / static_cast<double>(session_count());
    process.kill();
    run.ResumeTiming();
  }
  process.open();
}
BENCHMARK(restart)
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(3);

}  // namespace

}  // namespace headgate
