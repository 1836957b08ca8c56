#pragma once

#include <memory>

#include "delivery_check.hpp"
#include "fleet.hpp"
#include "json_object.hpp"

namespace headgate::bench {

// One shape of load in steady state: its clients are connected and subscribed when it is made. steady_run drives it;
// the virtual calls are one an event or turn, never one a message.
class workload {
 public:
  virtual ~workload() = default;

  // Reads once from a client.
  virtual void on_readable(std::uint32_t client) = 0;
  // Publishes all that may be published now; once a turn, until the run drains.
  virtual void publish(std::uint64_t now_ns) = 0;
  // When publish() is due although nothing happens; 0: never.
  virtual std::uint64_t next_due_ns() const { return 0; }
  // Whether all that was published has arrived and is acknowledged.
  virtual bool drained() const = 0;
  // Complete only after the run: what is still missing then counts as lost.
  virtual faults final_faults() const = 0;
  virtual void on_measuring(bool /*on*/) {}
  virtual void report(json_object& /*out*/) const {}

  std::uint64_t published() const { return published_; }
  std::uint64_t deliveries() const { return deliveries_; }

 protected:
  std::uint64_t published_ = 0;
  std::uint64_t deliveries_ = 0;
};

std::unique_ptr<workload> make_pairs(fleet& clients, const options& chosen);
std::unique_ptr<workload> make_fanout(fleet& clients, const options& chosen);
std::unique_ptr<workload> make_fanin(fleet& clients, const options& chosen);
std::unique_ptr<workload> make_latency(fleet& clients, const options& chosen);

}  // namespace headgate::bench
