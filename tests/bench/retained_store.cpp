// Retained messages on the disk of a process: what it costs to apply them, to look one up, to walk over those that a
// wildcard matches, and to start with many.
//
//   retained_store                                   # a brief look
//   HEADGATE_BENCH_TOPICS=1000000 retained_store     # a fleet; written once for each, in a temporary directory

#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <time.h>

#include <memory>
#include <string>

#include "base/hash.hpp"
#include "broker/record/batch_builder.hpp"
#include "tests/support/retained_home.hpp"

namespace headgate {

namespace {

using namespace broker;  // NOLINT(google-build-using-namespace): one program

std::uint64_t topic_count() {
  const auto* count = ::getenv("HEADGATE_BENCH_TOPICS");
  return count == nullptr ? 20'000 : ::strtoull(count, nullptr, 10);
}

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// One topic in ten is a device's status, one its configuration, the others are measurements.
std::string topic_of(std::uint64_t n) {
  const auto device = "fleet/site-" + std::to_string(n / 10 % 100) + "/device-" + std::to_string(1'000'000 + n / 10);
  if (n % 10 == 0) return device + "/status";
  if (n % 10 == 1) return device + "/config";
  return device + "/measured/" + std::to_string(n % 10);
}

// A process with a shard, whose batches have 64 records, as in turns under load.
class process {
 public:
  process() { open(); }
  ~process() { close(); }
  void open() {
    home_.open();
    store_ = home_.make("main/0", 77);
  }
  void close() {
    store_.reset();
    home_.close();
  }
  void put(std::uint64_t first, std::uint64_t count, const std::string& payload) {
    for (std::uint64_t n = first; n < first + count;) {
      for (int in_batch = 0; in_batch < 64 && n < first + count; ++in_batch, ++n) add(topic_of(n), payload);
      apply();
    }
  }
  void wait_until_written() {
    ask("none", 1);
    home_.wait_until([&] { return store_->view().waiting_bytes == 0; });
  }
  // All that the filter matches, in steps of the gateway's size.
  std::uint64_t ask(const std::string& filter, std::uint64_t seed) {
    std::uint64_t found = 0;
    std::string cursor;
    // Nobody else asks the same: no answer is shared.
    const record::offset below{(std::uint64_t{1} << 62) + seed};
    for (bool done = false; !done;) {
      shard::retained_answer answer;
      const shard::retained_query query{filter, cursor, below, 1000, 256 * 1024, 1000};
      home_.wait_until([&] { return store_->scan(query, answer); });
      found += answer.values.size();
      done = answer.done;
      cursor = answer.cursor;
      ++answers;
    }
    return found;
  }
  retained::durable_retained_store& store() { return *store_; }
  std::uint64_t answers = 0;

 private:
  void add(const std::string& topic, const std::string& payload) {
    const record::message message{.topic = topic,
                                  .topic_hash = base::hash_of(topic),
                                  .publisher_hash = 7,
                                  .flags = 1 | record::flag_retain,
                                  .expiry_s = 0xffff'ffff,
                                  .properties = {},
                                  .payload = base::as_bytes(payload)};
    if (!builder_.fits(record::batch_builder::size_of(message))) apply();
    builder_.add(message);
  }
  void apply() {
    const auto batch = builder_.seal();
    auto& header = batch.header();
    header.base_offset = next_;
    header.timestamp_ms = 1000;
    records_.clear();
    record::for_each_record(header, [&](const auto& record) {
      records_.push_back({&record, record::offset{next_ + record.offset_delta}});
    });
    next_ += header.count;
    home_.wait_until([&] { return store_->has_room(); });
    const auto before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    store_->apply(batch, records_, record::offset{next_});
    worker_seconds += seconds_of(CLOCK_THREAD_CPUTIME_ID) - before;
  }

  tests::retained_home home_;
  std::unique_ptr<retained::durable_retained_store> store_;
  record::batch_builder builder_{record::producer_id{1}};
  std::vector<shard::placed_record> records_;
  std::uint64_t next_ = 0;

 public:
  double worker_seconds = 0;  // of processor time in apply()
};

// New topics (0), or new values of those that are there (1), 64 bytes each, until they are written. What the worker
// itself spends of that is `worker_ns`.
void apply(benchmark::State& run) {
  process process;
  const auto count = topic_count();
  const std::string payload(64, 'p');
  const bool again = run.range(0) == 1;
  if (again) process.put(0, count, payload);
  process.wait_until_written();
  process.worker_seconds = 0;
  std::uint64_t done = 0;
  for (auto _ : run) {
    process.put(again ? 0 : done, count, payload);
    process.wait_until_written();
    done += count;
  }
  run.SetItemsProcessed(static_cast<std::int64_t>(done));
  run.counters["worker_ns"] = process.worker_seconds * 1e9 / static_cast<double>(done);
}
BENCHMARK(apply)->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

// What most new subscriptions ask, to a topic that has nothing retained.
void surely_none(benchmark::State& run) {
  process process;
  process.put(0, topic_count(), std::string(64, 'p'));
  std::uint64_t n = 0;
  std::string filter;
  for (auto _ : run) {
    filter = "fleet/site-1/device-" + std::to_string(++n) + "/commands";
    benchmark::DoNotOptimize(process.store().surely_none(filter));
  }
}
BENCHMARK(surely_none);

// One value of many, there and back by the thread.
void look_up(benchmark::State& run) {
  process process;
  const auto count = topic_count();
  process.put(0, count, std::string(64, 'p'));
  process.wait_until_written();
  std::uint64_t n = 0;
  std::uint64_t found = 0;
  for (auto _ : run) {
    found += process.ask(topic_of(n * 7919 % count), n);
    ++n;
  }
  if (found != n) run.SkipWithError("not all were found");
}
BENCHMARK(look_up)->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime()->UseRealTime();

// The status of all devices (0), of those of one site (1), all there is (2), what one device has (3), and what no
// device has (4): `answers` is how many steps that took.
void walk(benchmark::State& run) {
  process process;
  process.put(0, topic_count(), std::string(64, 'p'));
  process.wait_until_written();
  const char* const filters[] = {"fleet/+/+/status", "fleet/site-7/+/status", "#", "fleet/+/device-1000077/#",
                                 "fleet/+/+/nothing"};
  process.answers = 0;
  std::uint64_t found = 0;
  std::uint64_t seed = 0;
  for (auto _ : run) found += process.ask(filters[run.range(0)], ++seed);
  run.counters["found"] = static_cast<double>(found) / static_cast<double>(seed);
  run.counters["answers"] = static_cast<double>(process.answers) / static_cast<double>(seed);
}
BENCHMARK(walk)->DenseRange(0, 4)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

// From nothing to a store that knows its topics, with payloads of so many bytes.
void restart(benchmark::State& run) {
  process process;
  const auto count = topic_count();
  process.put(0, count, std::string(static_cast<std::size_t>(run.range(0)), 'p'));
  process.close();
  for (auto _ : run) {
    process.open();
    run.PauseTiming();
    run.counters["topics"] = static_cast<double>(process.store().view().messages);
    run.counters["bytes_a_topic"] =
        static_cast<double>(process.store().memory_of_topics()) / static_cast<double>(count);
    process.close();
    run.ResumeTiming();
  }
  process.open();
}
BENCHMARK(restart)
    ->Arg(64)
    ->Arg(1024)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(3);

}  // namespace

}  // namespace headgate
