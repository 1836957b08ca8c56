#include <algorithm>

#include "loadtest/run/doctor_checks.hpp"

namespace headgate::loadtest::run {

split split_of(std::uint64_t clients, std::uint64_t most_in_a_process) {
  const auto most = std::max<std::uint64_t>(most_in_a_process, 1);
  split made;
  made.processes = std::max<std::uint64_t>((clients + most - 1) / most, 1);
  made.clients = (clients + made.processes - 1) / made.processes;
  return made;
}

split split_of(const wanted_load& load) {
  return split_of(load.clients, load.most_in_a_process > 0 ? load.most_in_a_process : load.clients);
}

check check_clients(const machine_facts&, const wanted_load& load) {
  check done{check::judgement::good, "clients", grouped(load.clients) + " in one process", {}};
  if (load.most_in_a_process == 0) return done;
  done.found +=
      ", which takes " + grouped(load.most_in_a_process) + "; 'pairs -c N' has 2N clients, as latency and offline have";
  if (load.clients <= load.most_in_a_process) return done;
  const auto parts = split_of(load);
  done.judged = check::judgement::mend;
  done.mends.push_back(grouped(parts.processes) + " processes at the same time, each with -c " +
                       std::to_string(parts.clients) + "; what follows is for that");
  return done;
}

}  // namespace headgate::loadtest::run
