#include <cstdio>

#include "loadtest/run/doctor_checks.hpp"

namespace headgate::loadtest::run {

namespace {

constexpr std::uint64_t kernel_bytes_a_socket = 5 * 1024;
// A client of the generator and a session of the server, in their own memory.
constexpr std::uint64_t user_bytes_a_client = 300;
constexpr std::uint64_t user_bytes_a_session = 1024;
// The generator itself: its histograms, buffers and the audit.
constexpr std::uint64_t besides = 64ULL * 1024 * 1024;

std::string mebibytes(std::uint64_t bytes) {
  return grouped((bytes + 1024 * 1024 - 1) / (1024 * 1024)) + " MiB";
}

}  // namespace

check check_memory(const machine_facts& facts, const wanted_load& load) {
  const auto needed = sockets_here(load) * kernel_bytes_a_socket + load.clients * user_bytes_a_client +
                      (load.is_local ? load.clients * user_bytes_a_session : 0) + besides;
  check done{check::judgement::good, "memory", "about " + mebibytes(needed) + " are needed", {}};
  if (load.is_local) done.found += ", with the server's";
  if (!facts.available_bytes) {
    done.found += "; how much is free cannot be read here";
    return done;
  }
  done.found += ", " + mebibytes(*facts.available_bytes) + " are free";
  if (*facts.available_bytes >= needed) return done;
  done.judged = check::judgement::mend;
  done.mends.emplace_back(load.is_local ? "end other programs, or run the server on another machine (--target)"
                                        : "end other programs, or split the clients over more machines");
  return done;
}

check check_socket_memory(const machine_facts& facts, const wanted_load& load) {
  check done{check::judgement::good, "memory of sockets", "", {}};
  const auto& [low, pressure, high] = facts.tcp_pages;
  if (!pressure || !low || !high) {
    done.found = "net.ipv4.tcp_mem cannot be read here";
    return done;
  }
  // What is queued, not what stands idle: a page each is little.
  const auto needed = sockets_here(load);
  done.found = "a page for each socket's queues is " + mebibytes(needed * facts.page_bytes) + ", and TCP saves from " +
               mebibytes(*pressure * facts.page_bytes) + " on (net.ipv4.tcp_mem)";
  if (*pressure >= needed) return done;
  done.judged = check::judgement::mend;
  done.mends.push_back("sysctl -w net.ipv4.tcp_mem=\"" + std::to_string(needed) + " " + std::to_string(needed * 4 / 3) +
                       " " + std::to_string(needed * 2) + "\"");
  return done;
}

}  // namespace headgate::loadtest::run
