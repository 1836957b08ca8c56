#pragma once

#include "loadtest/run/doctor.hpp"

// The checks of examine(), by what they look at.
namespace headgate::loadtest::run {

check check_descriptors(const machine_facts& facts, const wanted_load& load);
check check_machine_files(const machine_facts& facts, const wanted_load& load);
check check_ports(const machine_facts& facts, const wanted_load& load);
check check_time_wait(const machine_facts& facts, const wanted_load& load);
check check_accept_queue(const machine_facts& facts, const wanted_load& load);
check check_handshake_queue(const machine_facts& facts, const wanted_load& load);
check check_connection_tracking(const machine_facts& facts, const wanted_load& load);
check check_memory(const machine_facts& facts, const wanted_load& load);
check check_socket_memory(const machine_facts& facts, const wanted_load& load);
check check_clock(const machine_facts& facts, const wanted_load& load);
check check_timers(const machine_facts& facts, const wanted_load& load);
check check_cores(const machine_facts& facts, const wanted_load& load);

// "1,234,567"
std::string grouped(std::uint64_t number);
// How many sockets of the load are on this machine: one a client, two if the server is here as well.
inline std::uint64_t sockets_here(const wanted_load& load) {
  return std::uint64_t{load.clients} * (load.is_local ? 2 : 1);
}

}  // namespace headgate::loadtest::run
