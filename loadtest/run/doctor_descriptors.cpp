#include <algorithm>
#include <limits>

#include "loadtest/run/doctor_checks.hpp"

namespace headgate::loadtest::run {

namespace {

// Besides the clients' sockets: standard streams, the poller, files in /proc, the JSON.
constexpr std::uint64_t besides = 64;

std::string how_many(std::uint64_t descriptors) {
  return descriptors == std::numeric_limits<std::uint64_t>::max() ? "no limit" : grouped(descriptors);
}

// A process cannot raise its hard limit, so either root does, or the clients are spread over processes.
std::vector<std::string> raise_hard_limit(const machine_facts& facts, const wanted_load& load, std::uint64_t needed) {
  std::vector<std::string> mends;
  if (facts.most_descriptors && *facts.most_descriptors < needed) {
    mends.push_back("sysctl -w fs.nr_open=" + std::to_string(needed));
  }
  mends.push_back("as root: prlimit --pid $$ --nofile=" + std::to_string(needed) +
                  " in the shell that starts it, or 'nofile' in /etc/security/limits.conf");
  if (facts.hard_descriptors > besides) {
    const auto parts = split_of(load.clients, std::min(facts.hard_descriptors - besides, split_of(load).clients));
    mends.push_back("or split it: " + grouped(parts.processes) + " processes at the same time, each with -c " +
                    std::to_string(parts.clients));
  }
  return mends;
}

}  // namespace

check check_descriptors(const machine_facts& facts, const wanted_load& load) {
  const auto parts = split_of(load);
  const std::uint64_t needed = parts.clients + besides;
  check done{check::judgement::good,
             "descriptors",
             grouped(needed) + (parts.processes > 1 ? " are needed in each process, " : " are needed, ") +
                 how_many(facts.soft_descriptors) + " are allowed",
             {}};
  if (facts.soft_descriptors >= needed) return done;
  if (facts.hard_descriptors >= needed) {
    done.found += ", which a run raises itself";
    if (!load.is_local) return done;
    done.judged = check::judgement::note;
    done.found += "; a server that is started from such a shell may not";
    done.mends.push_back("ulimit -n " + std::to_string(needed));
    return done;
  }
  done.judged = check::judgement::mend;
  done.found += ", and this process cannot have more than " + how_many(facts.hard_descriptors);
  done.mends = raise_hard_limit(facts, load, needed);
  return done;
}

check check_machine_files(const machine_facts& facts, const wanted_load& load) {
  check done{check::judgement::good, "files of the machine", "", {}};
  if (!facts.machine_files) {
    done.found = "fs.file-max cannot be read here";
    return done;
  }
  const auto free = *facts.machine_files - std::min(facts.machine_files_used, *facts.machine_files);
  const auto needed = sockets_here(load) + 2 * besides;
  done.found = grouped(needed) + " more are needed" + (load.is_local ? " at both ends" : "") + ", " + grouped(free) +
               " are free of " + grouped(*facts.machine_files);
  if (free >= needed) return done;
  done.judged = check::judgement::mend;
  done.mends.push_back("sysctl -w fs.file-max=" + std::to_string(facts.machine_files_used + needed));
  return done;
}

}  // namespace headgate::loadtest::run
