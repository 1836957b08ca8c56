// headgate-bench-log: what the log costs over the files that it stands in. Each measure and its counterpart take turns
// in one run, and what counts is the median of the ratios, so that a noisy machine is noisy for both.
//
//   headgate-bench-log [DIRECTORY] [MEGABYTES A ROUND] [ROUNDS]
//
// Ends with 2 when a bar is missed; with fewer than five rounds nothing is judged.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "broker/log/log_thread.hpp"
#include "broker/log/posix_disk.hpp"
#include "broker/log/segmented_log.hpp"
#include "broker/record/batch_builder.hpp"

namespace {

namespace fs = std::filesystem;
namespace log = headgate::broker::log;
namespace record = headgate::broker::record;
namespace base = headgate::base;

constexpr std::size_t records_per_batch = 100;
constexpr std::size_t topics = 1000;
constexpr std::size_t rounds_to_judge = 5;
constexpr double append_bar = 0.6;
constexpr double read_bar = 0.6;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "headgate-bench-log: %s\n", why.c_str());
  std::exit(1);
}

struct no_waker final : base::waker {
  void wake() override {}
};
struct lines_to_people final : base::log_sink {
  void write(const base::log_line& line) override {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.text.size()), line.text.data());
  }
};

// Seconds of the wall, and of this thread's time on a core.
struct seconds {
  double wall = 0;
  double cpu = 0;
};
seconds measure(const std::function<void()>& what) {
  const auto cpu_now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const auto cpu = cpu_now();
  const auto wall = std::chrono::steady_clock::now();
  what();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count(), cpu_now() - cpu};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Batches of records with payloads of 100 bytes, as a worker writes them.
std::vector<record::batch_ref> make_batches(std::size_t count) {
  record::batch_builder builder(record::producer_id{1});
  std::vector<record::batch_ref> batches;
  const std::string payload(100, 'x');
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t at = 0; at < records_per_batch; ++at) {
      const auto topic = "fleet/" + std::to_string((n * records_per_batch + at) % topics) + "/state";
      const record::message message{.topic = topic,
                                    .topic_hash = base::hash_of(topic),
                                    .publisher_hash = 7,
                                    .flags = 1,
                                    .expiry_s = 0xffff'ffff,
                                    .properties = {},
                                    .payload = base::as_bytes(payload)};
      // Where a block ends, a batch has fewer.
      if (!builder.fits(record::batch_builder::size_of(message))) batches.push_back(builder.seal());
      builder.add(message);
    }
    batches.push_back(builder.seal());
  }
  return batches;
}

class opened_log {
 public:
  explicit opened_log(const fs::path& path) {
    auto directory = log::make_posix_directory(path.string());
    if (!directory) fail(path.string() + ": " + std::string(explain(directory.error())));
    auto recovered = log::recover(**directory, 1);
    if (!recovered) fail(recovered.error().file + ": " + std::string(explain(recovered.error().what)));
    log_ =
        std::make_unique<log::segmented_log>(std::move(*directory), std::move(*recovered), log::segmented_log_options{},
                                             log::log_surroundings{slow_, letters_, lines_, "0"});
    settle();
  }
  log::segmented_log& operator*() { return *log_; }
  log::segmented_log* operator->() { return log_.get(); }
  void settle() {
    slow_.wait();
    letters_.run_all();
  }
  void run_letters() { letters_.run_all(); }

 private:
  no_waker waker_;
  base::mailbox letters_{waker_};
  lines_to_people lines_;
  log::log_thread slow_;
  std::unique_ptr<log::segmented_log> log_;
};

struct rounds {
  std::vector<double> wall;
  std::vector<double> cpu;
  double bytes_per_second = 0;
};

void tell(const char* what, const rounds& all, double bar) {
  std::printf("%-48s %6.2f of the wall, %6.2f of the CPU, %7.0f MB/s   bar %.2f: %s\n", what, median(all.wall),
              median(all.cpu), all.bytes_per_second / 1e6, bar, median(all.wall) >= bar ? "held" : "MISSED");
}

// A round's batches through the log, and their bytes through pwrite, in files that grow alike.
bool bench_append(const fs::path& place, std::size_t bytes_per_round, std::size_t count) {
  opened_log log(place / "append");
  const int plain = ::open((place / "plain").c_str(), O_CREAT | O_TRUNC | O_RDWR, 0600);
  if (plain < 0) fail("cannot make a file in " + place.string());
  auto sample = make_batches(1);
  const std::size_t batch_bytes = sample[0].header().size;
  const auto batches = make_batches(bytes_per_round / batch_bytes);
  rounds all;
  off_t position = 0;
  std::uint64_t turn = 0;
  for (std::size_t round = 0; round < count; ++round) {
    const auto through_log = measure([&] {
      for (const auto& batch : batches) {
        batch.header().base_offset = log->end().value;
        log->append(batch);
        const base::instant now{base::monotonic_ms{++turn}, base::wall_ms{turn}};
        const auto end = log->flush(now);
        if (end != log->committed()) fail("the log did not take a batch");
        log.run_letters();
      }
    });
    const auto through_file = measure([&] {
      for (const auto& batch : batches) {
        const auto* data = &batch.header();
        if (::pwrite(plain, data, data->size, position) != static_cast<ssize_t>(data->size)) fail("pwrite");
        position += static_cast<off_t>(data->size);
      }
    });
    all.wall.push_back(through_file.wall / through_log.wall);
    all.cpu.push_back(through_file.cpu / through_log.cpu);
    all.bytes_per_second = static_cast<double>(batches.size() * batch_bytes) / through_log.wall;
  }
  ::close(plain);
  fs::remove(place / "plain");
  tell("append, against pwrite of the same bytes", all, append_bar);
  return median(all.wall) >= append_bar;
}

// All that was appended, batch after batch, and the same bytes through pread, both from the system's memory.
bool bench_read(const fs::path& place, std::size_t count) {
  opened_log log(place / "append");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(place / "append")) {
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  }
  rounds all;
  for (std::size_t round = 0; round < count; ++round) {
    std::uint64_t bytes = 0;
    const auto through_log = measure([&] {
      for (auto from = log->start(); from < log->end();) {
        const auto read = log->read(from);
        if (read.later) {
          log.settle();
          continue;
        }
        if (!read.batch) break;
        const auto& header = read.batch.header();
        bytes += header.size;
        from = log::offset{header.base_offset + header.count};
      }
    });
    std::uint64_t plain_bytes = 0;
    const auto through_file = measure([&] {
      std::vector<char> buffer(64 * 1024);
      for (const auto& file : files) {
        const int plain = ::open(file.c_str(), O_RDONLY);
        if (plain < 0) fail("cannot open " + file.string());
        off_t position = 0;
        for (ssize_t got = 0; (got = ::pread(plain, buffer.data(), buffer.size(), position)) > 0; position += got) {
        }
        plain_bytes += static_cast<std::uint64_t>(position);
        ::close(plain);
      }
    });
    if (bytes != plain_bytes)
      fail("the log gave " + std::to_string(bytes) + " of " + std::to_string(plain_bytes) + " bytes");
    all.wall.push_back(through_file.wall / through_log.wall);
    all.cpu.push_back(through_file.cpu / through_log.cpu);
    all.bytes_per_second = static_cast<double>(bytes) / through_log.wall;
  }
  tell("sequential read, against pread of 64 KB", all, read_bar);
  return median(all.wall) >= read_bar;
}

}  // namespace

int main(int count, char** arguments) {
  const fs::path place = fs::path(count > 1 ? arguments[1] : fs::temp_directory_path().c_str()) /
                         ("headgate-bench-log-" + std::to_string(::getpid()));
  const auto megabytes = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 64;
  const auto rounds = count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 11;
  if (megabytes == 0 || rounds == 0) fail("use: headgate-bench-log [DIRECTORY] [MEGABYTES A ROUND] [ROUNDS]");
  fs::create_directories(place);
  const bool held =
      static_cast<int>(bench_append(place, megabytes << 20, rounds)) + static_cast<int>(bench_read(place, rounds)) == 2;
  fs::remove_all(place);
  return held || rounds < rounds_to_judge ? 0 : 2;
}
