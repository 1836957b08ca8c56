#include <algorithm>
#include <cmath>

#include "loadtest/core/plan.hpp"
#include "loadtest/run/doctor_checks.hpp"

namespace headgate::loadtest::run {

namespace {

constexpr std::uint32_t least_port = 1024;
constexpr std::uint32_t most_port = 65535;
// The generator takes another address of 127.0.0.0/8 for each so many connections.
constexpr std::uint32_t connections_an_address = 10'000;
constexpr double time_wait_s = 60;

std::uint64_t ports_of(const machine_facts& facts) {
  return facts.last_port >= facts.first_port ? facts.last_port - facts.first_port + 1 : 0;
}

std::uint64_t addresses_of(const wanted_load& load) {
  if (!load.is_loopback) return 1;
  return std::max<std::uint64_t>(1, (load.clients + connections_an_address - 1) / connections_an_address);
}

std::string widen_the_range() {
  return "sysctl -w net.ipv4.ip_local_port_range=\"" + std::to_string(least_port) + " " + std::to_string(most_port) +
         "\"";
}

// How many connections may wait for an accept(): what a run has under way.
std::uint64_t wanted_queue(const wanted_load& load) {
  return std::min<std::uint64_t>(load.clients, core::connect_plan{}.in_flight * split_of(load).processes);
}

check check_queue(const std::optional<std::uint64_t>& size, const wanted_load& load, const char* name,
                  const char* setting) {
  check done{check::judgement::good, name, "", {}};
  if (!load.is_local) {
    done.found = std::string("is a matter of the server's machine: look at ") + setting + " there";
    return done;
  }
  if (!size) {
    done.found = std::string(setting) + " cannot be read here";
    return done;
  }
  const auto wanted = wanted_queue(load);
  done.found =
      std::string(setting) + " is " + grouped(*size) + ", and " + grouped(wanted) +
      " clients may wait at once (a group has " + grouped(core::connect_plan{}.in_flight) +
      " under way unless --in-flight or its plan says otherwise, and after a storm all wait); the server's own "
      "backlog counts as well";
  if (*size >= wanted) return done;
  done.judged = check::judgement::mend;
  done.mends.push_back(std::string("sysctl -w ") + setting + "=" + std::to_string(wanted));
  return done;
}

}  // namespace

check check_ports(const machine_facts& facts, const wanted_load& load) {
  const auto ports = ports_of(facts);
  const auto addresses = addresses_of(load);
  const auto needed = std::min<std::uint64_t>(load.clients, load.is_loopback ? connections_an_address : load.clients);
  check done{check::judgement::good,
             "local ports",
             grouped(needed) + " are needed" +
                 (addresses > 1 ? " at each of " + grouped(addresses) + " source addresses" : "") + ", " +
                 grouped(ports) + " are there (" + std::to_string(facts.first_port) + " to " +
                 std::to_string(facts.last_port) + ")",
             {}};
  if (ports >= needed) return done;
  done.judged = check::judgement::mend;
  const std::uint64_t most = most_port - least_port + 1;
  if (ports < most) done.mends.push_back(widen_the_range());
  if (needed > most) {
    const auto parts = (needed + most - 1) / most;
    done.mends.push_back("there are no more than " + grouped(most) +
                         " to one address and port of the server: give it " + grouped(parts) +
                         " (--target several times), or run on " + grouped(parts) + " machines");
  }
  return done;
}

check check_time_wait(const machine_facts& facts, const wanted_load& load) {
  check done{check::judgement::good, "ports that wait", "", {}};
  if (load.connects_per_s <= 0) {
    done.found = "clients stay: no port waits for its reuse (-r RATE tells that so many connect a second)";
    return done;
  }
  const auto waiting = static_cast<std::uint64_t>(std::ceil(load.connects_per_s * time_wait_s));
  const auto room = ports_of(facts) * addresses_of(load);
  const bool is_reused = facts.reuses_time_wait == 1 || (facts.reuses_time_wait == 2 && load.is_loopback);
  done.found = grouped(waiting) + " ports may be in TIME_WAIT besides " + grouped(load.clients) + " in use, of " +
               grouped(room) + (is_reused ? "; they are used again (net.ipv4.tcp_tw_reuse)" : "");
  if (is_reused || waiting + load.clients <= room) return done;
  done.judged = check::judgement::mend;
  done.mends.emplace_back("sysctl -w net.ipv4.tcp_tw_reuse=1");
  if (ports_of(facts) < most_port - least_port + 1) done.mends.push_back(widen_the_range());
  return done;
}

check check_accept_queue(const machine_facts& facts, const wanted_load& load) {
  return check_queue(facts.accept_queue, load, "accept queue", "net.core.somaxconn");
}

check check_handshake_queue(const machine_facts& facts, const wanted_load& load) {
  return check_queue(facts.handshake_queue, load, "handshake queue", "net.ipv4.tcp_max_syn_backlog");
}

check check_connection_tracking(const machine_facts& facts, const wanted_load& load) {
  check done{check::judgement::good, "connection tracking", "is not loaded", {}};
  if (!facts.trackable_connections) return done;
  const auto used = facts.tracked_connections.value_or(0);
  // An ended connection is followed for two minutes more.
  constexpr double followed_s = 120;
  const auto ended = static_cast<std::uint64_t>(std::ceil(std::max(load.connects_per_s, 0.0) * followed_s));
  const auto needed = used + load.clients + ended;
  done.found = "of " + grouped(*facts.trackable_connections) + " connections that can be followed " + grouped(used) +
               " are, and " + grouped(load.clients + ended) + " come";
  if (*facts.trackable_connections >= needed) return done;
  done.judged = check::judgement::mend;
  done.mends.push_back("sysctl -w net.netfilter.nf_conntrack_max=" + std::to_string(needed + needed / 4));
  return done;
}

}  // namespace headgate::loadtest::run
