#include "loadtest/run/doctor.hpp"

#include "loadtest/run/doctor_checks.hpp"

namespace headgate::loadtest::run {

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t from_end = 3; from_end < text.size(); from_end += 4) text.insert(text.size() - from_end, ",");
  return text;
}

std::vector<check> examine(const machine_facts& facts, const wanted_load& load) {
  std::vector<check> all;
  for (auto* look : {check_clients, check_descriptors, check_machine_files, check_ports, check_time_wait,
                     check_accept_queue, check_handshake_queue, check_connection_tracking, check_memory,
                     check_socket_memory, check_clock, check_timers, check_cores}) {
    all.push_back(look(facts, load));
  }
  return all;
}

}  // namespace headgate::loadtest::run
