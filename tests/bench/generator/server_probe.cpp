#include "server_probe.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "clock.hpp"

namespace headgate::bench {

namespace {

constexpr const char* counter_names[] = {"allocations",
#define HEADGATE_BENCH_MEMBER(name) #name,
                                         HEADGATE_BENCH_SYSTEM_CALLS(HEADGATE_BENCH_MEMBER)
#undef HEADGATE_BENCH_MEMBER
};

double seconds_of(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

double us_each(std::uint64_t ns, std::uint64_t count) {
  return count == 0 ? 0 : static_cast<double>(ns) / 1e3 / static_cast<double>(count);
}

}  // namespace

server_probe::server_probe(int pid, const std::string& counters_file) : pid_(pid) {
  if (pid != 0 && cpu_ns() == 0) {
    throw std::runtime_error("the CPU time of process " + std::to_string(pid) + " cannot be read in /proc");
  }
  if (counters_file.empty()) return;
  const int file = ::open(counters_file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file >= 0 && ::fstat(file, &status) == 0 && status.st_size == sizeof(headgate_bench_counters)) {
    void* const mapped = ::mmap(nullptr, sizeof(headgate_bench_counters), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) counters_ = static_cast<const headgate_bench_counters*>(mapped);
  }
  if (file >= 0) ::close(file);
  if (counters_ == nullptr) {
    throw std::runtime_error(counters_file + " holds no counters (is the counting library preloaded in the server?)");
  }
}

server_probe::~server_probe() {
  if (counters_ == nullptr) return;
  ::munmap(const_cast<headgate_bench_counters*>(counters_), sizeof(headgate_bench_counters));
}

std::uint64_t server_probe::cpu_ns() const {
  if (pid_ == 0) return 0;
  std::uint64_t sum = 0;
  std::error_code none;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task", none)) {
    std::uint64_t ran = 0;
    std::ifstream(task.path() / "schedstat") >> ran;
    sum += ran;
  }
  return sum;
}

std::uint64_t server_probe::anonymous_memory() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kilobytes = 0;
    if (word == "RssAnon:" && status >> kilobytes) return kilobytes * 1'024;
  }
  throw std::runtime_error("the memory of process " + std::to_string(pid_) + " cannot be read in /proc");
}

instant server_probe::look() const {
  instant seen;
  seen.wall_ns = now_ns();
  seen.server_cpu_ns = cpu_ns();
  seen.generator_cpu_ns = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  if (counters_ != nullptr) {
    for (std::size_t i = 0; i < seen.counters.size(); ++i) {
      seen.counters[i] = __atomic_load_n(&counters_->counts[i], __ATOMIC_RELAXED);
    }
  }
  return seen;
}

void server_probe::report(const instant& from, const instant& to, json_object& out) const {
  const std::uint64_t deliveries = to.deliveries - from.deliveries;
  const std::uint64_t server = to.server_cpu_ns - from.server_cpu_ns;
  const std::uint64_t generator = to.generator_cpu_ns - from.generator_cpu_ns;
  const double seconds = seconds_of(to.wall_ns - from.wall_ns);
  out.add("messages", to.published - from.published);
  out.add("deliveries", deliveries);
  out.add("seconds", seconds);
  out.add("deliveries_per_s", seconds > 0 ? static_cast<double>(deliveries) / seconds : 0.0);
  out.add("server_cpu_s", seconds_of(server));
  out.add("cpu_us_per_delivery", us_each(server, deliveries));
  out.add("generator_cpu_s", seconds_of(generator));
  out.add("generator_us_per_delivery", us_each(generator, deliveries));
  if (counters_ == nullptr) return;
  json_object counters;
  std::uint64_t system_calls = 0;
  for (std::size_t i = 0; i < to.counters.size(); ++i) {
    const std::uint64_t calls = to.counters[i] - from.counters[i];
    if (calls != 0) counters.add(counter_names[i], calls);
    if (i != headgate_bench_allocations) system_calls += calls;
  }
  out.add("allocations", to.counters[headgate_bench_allocations] - from.counters[headgate_bench_allocations]);
  out.add("system_calls", system_calls);
  out.add("counters", counters);
}

}  // namespace headgate::bench
