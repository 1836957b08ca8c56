#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <limits>
#include <thread>

#include "loadtest/run/doctor.hpp"

namespace headgate::loadtest::run {

namespace {

// The words of a small file; none if it cannot be read.
std::vector<std::string> words_of(const std::string& name) {
  std::ifstream file(name);
  return {std::istream_iterator<std::string>(file), {}};
}

std::optional<std::uint64_t> number_in(const std::vector<std::string>& words, std::size_t place) {
  if (place >= words.size()) return std::nullopt;
  const auto& word = words[place];
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> setting(const std::string& name, std::size_t place = 0) {
  return number_in(words_of("/proc/sys/" + name), place);
}

void read_descriptors(machine_facts& facts) {
  rlimit limits{};
  if (::getrlimit(RLIMIT_NOFILE, &limits) == 0) {
    constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();
    facts.soft_descriptors = limits.rlim_cur == RLIM_INFINITY ? no_limit : limits.rlim_cur;
    facts.hard_descriptors = limits.rlim_max == RLIM_INFINITY ? no_limit : limits.rlim_max;
  }
  facts.most_descriptors = setting("fs/nr_open");
  facts.machine_files = setting("fs/file-max");
  // In use, unused ones among them (always 0 today), the most.
  facts.machine_files_used = setting("fs/file-nr").value_or(0);
}

void read_network(machine_facts& facts) {
  const auto first = setting("net/ipv4/ip_local_port_range");
  const auto last = setting("net/ipv4/ip_local_port_range", 1);
  if (first && last) {
    facts.first_port = static_cast<std::uint32_t>(*first);
    facts.last_port = static_cast<std::uint32_t>(*last);
  }
  if (const auto reuse = setting("net/ipv4/tcp_tw_reuse")) facts.reuses_time_wait = static_cast<int>(*reuse);
  facts.accept_queue = setting("net/core/somaxconn");
  facts.handshake_queue = setting("net/ipv4/tcp_max_syn_backlog");
  facts.tracked_connections = setting("net/netfilter/nf_conntrack_count");
  facts.trackable_connections = setting("net/netfilter/nf_conntrack_max");
}

// What the control group of this process leaves, where it has a limit.
std::optional<std::uint64_t> left_by_control_group() {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::")) continue;
    const std::string folder = "/sys/fs/cgroup" + line.substr(3);
    const auto most = number_in(words_of(folder + "/memory.max"), 0);  // "max": no number, no limit
    const auto used = number_in(words_of(folder + "/memory.current"), 0);
    if (most && used) return *most - std::min(*used, *most);
  }
  return std::nullopt;
}

void read_memory(machine_facts& facts) {
  if (const auto bytes = ::sysconf(_SC_PAGESIZE); bytes > 0) facts.page_bytes = static_cast<std::uint64_t>(bytes);
  for (std::size_t n = 0; n < 3; ++n) facts.tcp_pages[n] = setting("net/ipv4/tcp_mem", n);
  const auto words = words_of("/proc/meminfo");
  const auto name = std::find(words.begin(), words.end(), "MemAvailable:");
  const auto kibibytes = number_in(words, static_cast<std::size_t>(name - words.begin()) + 1);
  if (kibibytes) facts.available_bytes = *kibibytes * 1024;
  if (const auto left = left_by_control_group()) {
    facts.available_bytes = std::min(*left, facts.available_bytes.value_or(*left));
  }
}

// The least of several tries: what others on the machine do is left out.
double measured_clock_read_ns() {
  constexpr int tries = 5;
  constexpr int reads = 10'000;
  double least = std::numeric_limits<double>::max();
  for (int n = 0; n < tries; ++n) {
    const auto before = std::chrono::steady_clock::now();
    timespec time{};
    for (int read = 0; read < reads; ++read) ::clock_gettime(CLOCK_MONOTONIC, &time);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - before;
    least = std::min(least, took.count() / reads);
  }
  return least;
}

// The median of several tries, as a run waits: with the least timer slack.
double measured_timer_late_ns() {
  constexpr int tries = 21;
  constexpr std::chrono::microseconds wait{100};
  const auto slack = ::prctl(PR_GET_TIMERSLACK);
  ::prctl(PR_SET_TIMERSLACK, 1);
  std::vector<double> late;
  for (int n = 0; n < tries; ++n) {
    const auto before = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(wait);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - before - wait;
    late.push_back(took.count());
  }
  ::prctl(PR_SET_TIMERSLACK, slack);
  std::nth_element(late.begin(), late.begin() + tries / 2, late.end());
  return late[tries / 2];
}

void read_time(machine_facts& facts) {
  const std::string folder = "/sys/devices/system/clocksource/clocksource0/";
  const auto current = words_of(folder + "current_clocksource");
  if (!current.empty()) facts.clock_source = current.front();
  facts.clock_sources = words_of(folder + "available_clocksource");
  facts.clock_read_ns = measured_clock_read_ns();
  facts.timer_late_ns = measured_timer_late_ns();
}

void read_cores(machine_facts& facts) {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0) {
    facts.cores = static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&cores)));
  } else if (const auto count = ::sysconf(_SC_NPROCESSORS_ONLN); count > 0) {
    facts.cores = static_cast<std::uint32_t>(count);
  }
  double load = 0;
  if (::getloadavg(&load, 1) == 1) facts.load = load;
}

}  // namespace

machine_facts read_machine_facts() {
  machine_facts facts;
  read_descriptors(facts);
  read_network(facts);
  read_memory(facts);
  read_time(facts);
  read_cores(facts);
  return facts;
}

}  // namespace headgate::loadtest::run
