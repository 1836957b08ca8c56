#pragma once

#include <atomic>
#include <cstdint>

namespace headgate::proxy::listener {

// How many clients the process takes, shared by the sockets of its workers: which worker a client gets is chance, so a
// share for each would turn clients away while there is room. Any thread; outlives the sockets.
class client_places {
 public:
  explicit client_places(std::uint32_t most) : most_(most) {}

  // False: all are taken.
  bool take() {
    if (taken_.fetch_add(1, std::memory_order_relaxed) < most()) return true;
    give_back();
    return false;
  }
  void give_back() { taken_.fetch_sub(1, std::memory_order_relaxed); }
  std::uint32_t most() const { return most_.load(std::memory_order_relaxed); }
  // From now on; those above it stay.
  void set_most(std::uint32_t most) {
    most_.store(most, std::memory_order_relaxed);
    refused_.store(false, std::memory_order_relaxed);
  }
  // True once for each bound, for the one log line that says that clients are turned away.
  bool first_refusal() { return !refused_.exchange(true, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> most_;
  // More than 32 bits: those who are being turned away are counted for a moment.
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<bool> refused_{false};
};

}  // namespace headgate::proxy::listener
