#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/later_authenticator.hpp"
#include "tests/unit/property.hpp"
#include "worker/engines.hpp"
#include "worker/worker.hpp"

namespace headgate::broker::tests {
class later_log;
class later_retained_store;
}  // namespace headgate::broker::tests
namespace headgate::tests {
class later_session_store;
}

namespace headgate::worker::testing {

// Whether the engines behind the workers complete later: ctest runs every conversation both ways.
bool completes_later();

// The engines of one worker that complete later, when told, in an order that the seed decides. Outlives the worker's
// last turn; the worker owns the engines.
class late_engines {
 public:
  explicit late_engines(std::uint64_t seed) : dice_(seed), seed_(seed) {}

  engines make(const base::limits& limits, base::clock& clock);

  bool verifies_names = true;    // the authenticator does
  headgate::tests::judge judge;  // of passwords; empty: everybody may come in

  // Completes something of what is pending, in the worker's next turn; whether anything was pending.
  bool complete_some(worker& worker);

 private:
  headgate::tests::dice dice_;
  std::uint64_t seed_;
  std::vector<broker::tests::later_log*> logs_;
  std::vector<broker::tests::later_retained_store*> retained_;
  headgate::tests::later_session_store* sessions_ = nullptr;
  headgate::tests::later_authenticator* door_ = nullptr;
};

}  // namespace headgate::worker::testing
