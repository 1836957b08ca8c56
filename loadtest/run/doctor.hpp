#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Whether a machine has room for a load test. Reading the machine (read_machine_facts) and judging it (examine) are
// apart, so that the judgement can be tested with machines that nobody has.
namespace headgate::loadtest::run {

// What could not be read is missing: it is judged as good, since nothing is known against it.
struct machine_facts {
  // Descriptors of this process, and of the machine.
  std::uint64_t soft_descriptors = 0;  // RLIMIT_NOFILE; the greatest number: no limit
  std::uint64_t hard_descriptors = 0;
  std::optional<std::uint64_t> most_descriptors;  // fs.nr_open: what hard_descriptors can be raised to
  std::optional<std::uint64_t> machine_files;     // fs.file-max
  std::uint64_t machine_files_used = 0;
  // Ports that connections come from, both included.
  std::uint32_t first_port = 32768;
  std::uint32_t last_port = 60999;
  std::optional<int> reuses_time_wait;  // net.ipv4.tcp_tw_reuse: 0 never, 1 always, 2 on loopback
  // The server's side, of this machine.
  std::optional<std::uint64_t> accept_queue;     // net.core.somaxconn
  std::optional<std::uint64_t> handshake_queue;  // net.ipv4.tcp_max_syn_backlog
  // Memory.
  std::uint64_t page_bytes = 4096;
  std::optional<std::uint64_t> tcp_pages[3];           // net.ipv4.tcp_mem: low, pressure, high
  std::optional<std::uint64_t> available_bytes;        // MemAvailable, or what the control group leaves
  std::optional<std::uint64_t> tracked_connections;    // connections that the firewall follows now,
  std::optional<std::uint64_t> trackable_connections;  // and at most: net.netfilter.nf_conntrack_max
  // Time.
  std::string clock_source;
  std::vector<std::string> clock_sources;  // that could be had
  double clock_read_ns = 0;                // measured: one clock_gettime()
  double timer_late_ns = 0;  // measured: how much later than asked for a thread wakes, with the least timer slack
  // Cores that this process may use, and how many are busy (load of the last minute).
  std::uint32_t cores = 1;
  double load = 0;
};

struct wanted_load {
  std::uint32_t clients = 0;            // in all
  std::uint32_t most_in_a_process = 0;  // so many clients one process takes; 0: no such limit
  double connects_per_s = 0;            // that go on while it runs, as in a churn or a storm; 0: clients stay
  std::string host = "127.0.0.1";
  // 127.0.0.0/8: the generator has as many source addresses as it needs, and the server is on this machine.
  bool is_loopback = true;
  bool is_local = true;  // the server is on this machine
};

// One thing that was looked at.
struct check {
  enum class judgement : std::uint8_t {
    good,
    note,  // worth knowing; the load can be made
    mend,  // the load cannot be made, or its figures will be wrong
  } judged = judgement::good;
  std::string name;
  std::string found;               // a sentence
  std::vector<std::string> mends;  // lines for a shell, or sentences where there is none
};

// Every check, in an order for people.
std::vector<check> examine(const machine_facts& facts, const wanted_load& load);

// Reads /proc, /sys and the limits of this process, and measures the clock for some milliseconds. What cannot be read
// is left out.
machine_facts read_machine_facts();

// Where the server is: looks up the name. Throws std::runtime_error with a sentence when it has no address.
void locate_server(wanted_load& load);

}  // namespace headgate::loadtest::run
