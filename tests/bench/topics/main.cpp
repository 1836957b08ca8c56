// headgate-bench-topics: what it costs to read the messages of one topic from a log of many.
//
//   headgate-bench-topics [DIRECTORY] [TOPICS] [RECORDS OF EACH]
//
// Ends with 2 when a bar is missed; of fewer than a million topics nothing is judged.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/random.hpp"
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
constexpr std::size_t topics_to_judge = 1'000'000;
constexpr std::size_t warm_samples = 1000;
constexpr std::size_t cold_samples = 50;
constexpr double bytes_bar = 100'000;
constexpr double ms_bar = 5;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "headgate-bench-topics: %s\n", why.c_str());
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

// What the log has asked its files for, by whichever thread.
struct asked {
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> bytes{0};
};

class counted_file final : public log::file {
 public:
  counted_file(std::shared_ptr<log::file> file, asked& count) : file_(std::move(file)), count_(count) {}
  log::result<log::nothing> write(std::uint64_t position, std::span<const base::bytes> parts) override {
    return file_->write(position, parts);
  }
  log::result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into, log::waiting wait) override {
    const auto got = file_->read(position, into, wait);
    if (got) ++count_.reads;
    if (got) count_.bytes += *got;
    return got;
  }
  log::result<log::nothing> sync() override { return file_->sync(); }
  log::result<log::nothing> truncate(std::uint64_t size) override { return file_->truncate(size); }
  log::result<std::uint64_t> size() override { return file_->size(); }

 private:
  std::shared_ptr<log::file> file_;
  asked& count_;
};

class counted_directory final : public log::directory {
 public:
  counted_directory(std::unique_ptr<log::directory> directory, asked& count)
      : directory_(std::move(directory)), count_(count) {}
  log::result<std::shared_ptr<log::file>> open(const std::string& name, log::opening how) override {
    auto file = directory_->open(name, how);
    if (!file) return file.error();
    return std::shared_ptr<log::file>(std::make_shared<counted_file>(*file, count_));
  }
  log::result<std::vector<std::string>> list() override { return directory_->list(); }
  log::result<log::nothing> rename(const std::string& from, const std::string& to) override {
    return directory_->rename(from, to);
  }
  log::result<log::nothing> remove(const std::string& name) override { return directory_->remove(name); }
  log::result<log::nothing> sync() override { return directory_->sync(); }
  log::result<log::disk_space> space() override { return directory_->space(); }

 private:
  std::unique_ptr<log::directory> directory_;
  asked& count_;
};

class opened_log {
 public:
  explicit opened_log(const fs::path& path) {
    auto directory = log::make_posix_directory(path.string());
    if (!directory) fail(path.string() + ": " + std::string(explain(directory.error())));
    auto recovered = log::recover(**directory, 1);
    if (!recovered) fail(recovered.error().file + ": " + std::string(explain(recovered.error().what)));
    log_ = std::make_unique<log::segmented_log>(std::make_unique<counted_directory>(std::move(*directory), count),
                                                std::move(*recovered), log::segmented_log_options{},
                                                log::log_surroundings{slow_, letters_, lines_, "0"});
    settle();
  }
  log::segmented_log* operator->() { return log_.get(); }
  void settle() {
    slow_.wait();
    letters_.run_all();
  }
  void run_letters() { letters_.run_all(); }

  asked count;

 private:
  no_waker waker_;
  base::mailbox letters_{waker_};
  lines_to_people lines_;
  log::log_thread slow_;
  std::unique_ptr<log::segmented_log> log_;
};

std::string topic_of(std::size_t number) {
  return "fleet/" + std::to_string(number) + "/state";
}

double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

// Each topic once a round, in an order that is another one each time.
void fill(opened_log& log, std::size_t topics, std::size_t rounds) {
  record::batch_builder builder(record::producer_id{1});
  const std::string payload(64, 'x');
  std::uint64_t turn = 1'000'000;
  const auto hand_over = [&] {
    auto batch = builder.seal();
    batch.header().base_offset = log->end().value;
    log->append(std::move(batch));
    ++turn;
    const auto end = log->flush({base::monotonic_ms{turn}, base::wall_ms{turn}});
    if (end != log->committed()) fail("the log did not take a batch");
    log.run_letters();
  };
  std::vector<std::uint32_t> order(topics);
  for (std::size_t n = 0; n < topics; ++n) order[n] = static_cast<std::uint32_t>(n);
  base::random_source random(1);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (auto n = topics; n > 1; --n) std::swap(order[n - 1], order[random.next() % n]);
    for (std::size_t n = 0; n < topics; ++n) {
      const auto topic = topic_of(order[n]);
      const record::message message{.topic = topic,
                                    .topic_hash = base::hash_of(topic),
                                    .publisher_hash = 7,
                                    .flags = 1,
                                    .expiry_s = 0xffff'ffff,
                                    .properties = {},
                                    .payload = base::as_bytes(payload)};
      if (!builder.fits(record::batch_builder::size_of(message))) hand_over();
      builder.add(message);
      if (n % records_per_batch == records_per_batch - 1) hand_over();
    }
    if (builder.is_open()) hand_over();
    log.settle();  // sealing is measured elsewhere
  }
}

// The records of one topic, as a shard reads them; `topic`: none for all, by a scan.
std::size_t read_topic(opened_log& log, const std::string& topic, bool scans) {
  const auto hash = base::hash_of(topic);
  log::topic_selection selection;
  selection.hashes = {hash};
  const auto wanted = std::make_shared<const log::topic_selection>(std::move(selection));
  std::size_t found = 0;
  log::offset scan_to;
  if (scans) scan_to = log->committed();
  for (auto at = log->start(); at < log->committed();) {
    log::topic_read_result next{.batch = {}, .to = {}, .later = false, .is_scan = false};
    if (at < scan_to) {
      auto read = log->read(at);
      next = {.batch = std::move(read.batch), .to = scan_to, .later = read.later, .is_scan = false};
    } else {
      next = log->read_topics(wanted, at);
    }
    if (next.later) {
      log.settle();
    } else if (next.is_scan) {
      scan_to = next.to;
    } else if (!next.batch) {
      at = next.to;
    } else {
      auto& header = next.batch.header();
      record::for_each_record(header, [&](const record::record_header& record) {
        const log::offset place{header.base_offset + record.offset_delta};
        if (place >= at && record.topic_hash == hash && record.topic() == topic) ++found;
      });
      at = log::offset{header.base_offset + header.count};
    }
  }
  return found;
}

struct sample {
  std::vector<double> ms;
  std::vector<double> asked_bytes;
  std::vector<double> device_bytes;
};

double share(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

// What the system has read from the device for this process.
double device_bytes() {
  std::ifstream io("/proc/self/io");
  std::string name;
  double value = 0;
  while (io >> name >> value) {
    if (name == "read_bytes:") return value;
  }
  return 0;
}

void drop_from_memory(const fs::path& place) {
  for (const auto& entry : fs::directory_iterator(place)) {
    const int fd = ::open(entry.path().c_str(), O_RDONLY);
    if (fd < 0) fail("cannot open " + entry.path().string());
    ::fdatasync(fd);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  }
}

sample read_some(opened_log& log, std::size_t topics, std::size_t each, std::size_t count,
                 base::random_source& random) {
  sample all;
  for (std::size_t n = 0; n < count; ++n) {
    const auto topic = topic_of(random.next() % topics);
    const auto asked = log.count.bytes.load();
    const auto device = device_bytes();
    const auto begin = std::chrono::steady_clock::now();
    const auto found = read_topic(log, topic, false);
    all.ms.push_back(ms_since(begin));
    all.asked_bytes.push_back(static_cast<double>(log.count.bytes.load() - asked));
    all.device_bytes.push_back(device_bytes() - device);
    if (found != each) fail(topic + " has " + std::to_string(found) + " records");
  }
  return all;
}

void tell(const char* what, const sample& all) {
  std::printf("%-44s %8.3f ms median, %8.3f ms p99; %7.1f KB asked of the files, %7.1f KB of the device\n", what,
              share(all.ms, 0.5), share(all.ms, 0.99), share(all.asked_bytes, 0.5) / 1000,
              share(all.device_bytes, 0.5) / 1000);
}

bool judge(const char* what, double value, double bar) {
  std::printf("%-44s %10.2f, bar %10.2f: %s\n", what, value, bar, value <= bar ? "held" : "MISSED");
  return value <= bar;
}

}  // namespace

int main(int count, char** arguments) {
  const fs::path place = fs::path(count > 1 ? arguments[1] : fs::temp_directory_path().c_str()) /
                         ("headgate-bench-topics-" + std::to_string(::getpid()));
  const auto topics = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 1'000'000;
  const auto each = count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 10;
  if (topics == 0 || each == 0) fail("use: headgate-bench-topics [DIRECTORY] [TOPICS] [RECORDS OF EACH]");
  fs::create_directories(place);
  base::random_source random(2);
  bool held = true;
  {
    opened_log log(place);
    const auto begin = std::chrono::steady_clock::now();
    fill(log, topics, each);
    const auto view = log->view();
    std::printf("%lu records in %lu topics, %.0f MB in %lu segments, written in %.1f s\n", topics * each, topics,
                static_cast<double>(view.bytes) / 1e6, static_cast<unsigned long>(view.segments),
                ms_since(begin) / 1000);
    tell("one topic, the last segment in chains", read_some(log, topics, each, warm_samples, random));
  }
  opened_log log(place);
  (void)read_some(log, topics, each, 1, random);  // opens the files
  const auto warm = read_some(log, topics, each, warm_samples, random);
  tell("one topic, all segments sealed", warm);
  drop_from_memory(place);
  const auto cold = read_some(log, topics, each, cold_samples, random);
  tell("the same, nothing in the system's memory", cold);
  (void)read_topic(log, topic_of(0), true);
  const auto begin = std::chrono::steady_clock::now();
  (void)read_topic(log, topic_of(0), true);
  std::printf("%-44s %8.0f ms, %.0f MB\n", "the same by a scan, in the system's memory", ms_since(begin),
              static_cast<double>(log->bytes()) / 1e6);
  held = judge("one topic, warm, ms, p99", share(warm.ms, 0.99), ms_bar) && held;
  held = judge("one topic, cold, bytes of the device", share(cold.device_bytes, 0.5), bytes_bar) && held;
  held = judge("one topic, cold, bytes asked of the files", share(cold.asked_bytes, 0.5), bytes_bar) && held;
  fs::remove_all(place);
  return held || topics < topics_to_judge ? 0 : 2;
}
