#pragma once

#include "server_probe.hpp"
#include "workload.hpp"

namespace headgate::bench {

// What every kind of run hands to main: its figures, and a sentence for everything that makes it worthless.
struct run_result {
  json_object figures;
  std::string failure;  // empty: the run is good
};

// Drives a workload: warms up, measures between two instants of steady state, then publishes no more and waits until
// all has arrived. Always ends: the measuring has a limit, and so has a wait without any progress.
run_result run_steadily(workload& load, fleet& clients, const options& chosen);

}  // namespace headgate::bench
