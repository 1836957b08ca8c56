#include "admin/process_numbers.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>

namespace headgate::admin {

namespace {

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// When the machine started, in seconds of the wall clock. Not from /proc/stat, which services may not see.
double boot_seconds() {
  return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
}

std::uint64_t count_descriptors() {
  struct stat status {};
  // Linux says it in the size since 6.2. Before, they have to be listed, which costs a millisecond for some thousands.
  if (::stat("/proc/self/fd", &status) == 0 && status.st_size > 0) return static_cast<std::uint64_t>(status.st_size);
  std::error_code error;
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd", error);
  if (error) return 0;
  return static_cast<std::uint64_t>(std::distance(begin(entries), end(entries)));
}

// Opened once and kept, so that it can be read when no descriptor is free any more, which is when somebody looks.
std::string read_own_stat() {
  static const int file = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  std::array<char, 1024> text{};
  const auto size = ::pread(file, text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

// The fields of /proc/self/stat from the third one on (proc(5)): the second is a name that may hold anything.
void read_stat(process_numbers& numbers) {
  const auto text = read_own_stat();
  const auto end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return;
  std::istringstream rest(text.substr(end_of_name + 1));
  std::array<std::string, 22> fields;  // state is [0]
  for (auto& field : fields) rest >> field;
  if (!rest) return;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  numbers.cpu_seconds = (std::stod(fields[11]) + std::stod(fields[12])) / ticks;
  numbers.threads = std::stoull(fields[17]);
  static const double boot = boot_seconds();
  numbers.start_seconds = boot + std::stod(fields[19]) / ticks;
  numbers.virtual_bytes = std::stoull(fields[20]);
  numbers.resident_bytes = std::stoull(fields[21]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

process_numbers read_process_numbers() {
  process_numbers numbers;
  read_stat(numbers);
  numbers.open_descriptors = count_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) numbers.max_descriptors = limit.rlim_cur;
  return numbers;
}

}  // namespace headgate::admin
