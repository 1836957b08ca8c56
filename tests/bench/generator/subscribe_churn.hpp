#pragma once

#include "fleet.hpp"

namespace headgate::bench {

// One client that subscribes to literal topics and unsubscribes from them again, so many of each a second, beside
// whatever else a run does: the n-th SUBSCRIBE is followed by the UNSUBSCRIBE of the topic before it. What is due goes
// out together; every answer is checked. One thread.
class subscribe_churn {
 public:
  // Opens the client and awaits its CONNACK. `rate`: SUBSCRIBEs a second, and as many UNSUBSCRIBEs.
  subscribe_churn(fleet& clients, const options& chosen);

  std::uint32_t client() const { return client_; }
  void send_due(std::uint64_t now_ns);
  std::uint64_t next_due_ns() const { return next_due_ns_; }
  // Returns how many of the answers were no grant.
  std::uint64_t read_answers();
  std::uint64_t subscribed() const { return sent_; }
  bool drained() const { return answers_ == 2 * sent_; }

 private:
  void add_packets();

  fleet& clients_;
  const options& chosen_;
  std::uint32_t client_;
  std::uint64_t interval_ns_;
  std::uint64_t next_due_ns_ = 1;
  std::uint64_t sent_ = 0;  // SUBSCRIBEs
  std::uint64_t answers_ = 0;
  std::uint16_t packet_id_ = 0;
  std::vector<std::uint8_t> output_;
};

}  // namespace headgate::bench
