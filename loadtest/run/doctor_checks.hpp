#pragma once

#include "loadtest/run/doctor.hpp"

// The checks of examine(), by what they look at.
namespace headgate::loadtest::run {

check check_clients(const machine_facts& facts, const wanted_load& load);
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

// How many processes there are to be, where one takes so many clients at most, and how many clients each has.
struct split {
  std::uint64_t processes = 1;
  std::uint64_t clients = 0;
};
split split_of(std::uint64_t clients, std::uint64_t most_in_a_process);
// As the load is: by what one process takes.
split split_of(const wanted_load& load);

// "1,234,567"
std::string grouped(std::uint64_t number);
// How many sockets of the load are on this machine: one a client, two if the server is here as well.
inline std::uint64_t sockets_here(const wanted_load& load) {
  return std::uint64_t{load.clients} * (load.is_local ? 2 : 1);
}

}  // namespace headgate::loadtest::run
