#include "loadtest/run/server_probe.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "net/descriptor.hpp"

namespace headgate::loadtest::run {

namespace {

constexpr const char* counter_names[] = {"allocations",
#define HEADGATE_BENCH_MEMBER(name) #name,
                                         HEADGATE_BENCH_SYSTEM_CALLS(HEADGATE_BENCH_MEMBER)
#undef HEADGATE_BENCH_MEMBER
};

}  // namespace

server_probe::server_probe(int pid, const std::string& counters_file) : pid_(pid) {
  if (pid != 0 && cpu_ns() == 0) {
    throw std::runtime_error("the CPU time of process " + std::to_string(pid) +
                             " cannot be read in /proc: --server-pid takes the number of a process of this machine");
  }
  if (counters_file.empty()) return;
  const net::descriptor file(::open(counters_file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file && ::fstat(file.get(), &status) == 0 && status.st_size == sizeof(headgate_bench_counters)) {
    void* const mapped = ::mmap(nullptr, sizeof(headgate_bench_counters), PROT_READ, MAP_SHARED, file.get(), 0);
    if (mapped != MAP_FAILED) counters_ = static_cast<const headgate_bench_counters*>(mapped);
  }
  if (counters_ == nullptr) {
    throw std::runtime_error(counters_file + " holds no counters: is the counting library preloaded in the server?");
  }
}

server_probe::~server_probe() {
  if (counters_ == nullptr) return;
  ::munmap(const_cast<headgate_bench_counters*>(counters_), sizeof(headgate_bench_counters));
}

std::uint64_t server_probe::cpu_ns() const {
  if (pid_ == 0) return 0;
  std::uint64_t sum = 0;
  std::error_code error;  // threads, and the process, may end meanwhile
  std::filesystem::directory_iterator task("/proc/" + std::to_string(pid_) + "/task", error);
  for (; !error && task != std::filesystem::directory_iterator(); task.increment(error)) {
    std::uint64_t ran = 0;
    std::ifstream(task->path() / "schedstat") >> ran;
    sum += ran;
  }
  return sum;
}

std::uint64_t server_probe::anonymous_bytes() const {
  if (pid_ == 0) return 0;
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kilobytes = 0;
    if (word == "RssAnon:" && status >> kilobytes) return kilobytes * 1'024;
  }
  return 0;
}

call_counts server_probe::calls() const {
  call_counts seen{};
  if (counters_ == nullptr) return seen;
  for (std::size_t n = 0; n < seen.size(); ++n) seen[n] = __atomic_load_n(&counters_->counts[n], __ATOMIC_RELAXED);
  return seen;
}

std::vector<std::pair<std::string, std::uint64_t>> server_probe::named(const call_counts& from,
                                                                       const call_counts& to) const {
  std::vector<std::pair<std::string, std::uint64_t>> calls;
  if (counters_ == nullptr) return calls;
  for (std::size_t n = 0; n < to.size(); ++n) {
    if (n == headgate_bench_allocations || to[n] != from[n]) calls.emplace_back(counter_names[n], to[n] - from[n]);
  }
  return calls;
}

}  // namespace headgate::loadtest::run
