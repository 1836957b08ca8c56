#pragma once

#include <memory>

#include "subscribe_churn.hpp"
#include "workload.hpp"

namespace headgate::bench {

// N publisher/subscriber pairs, each with topics of its own. Clients 0 to N - 1 publish, N to 2 N - 1 subscribe.
// Each pair publishes as soon as its window has room: its subscriber's position decides, not the acknowledgements.
class pairs : public workload {
 public:
  pairs(fleet& clients, const options& chosen);

  void on_readable(std::uint32_t client) override;
  void publish(std::uint64_t now_ns) override;
  std::uint64_t next_due_ns() const override { return churn_ ? churn_->next_due_ns() : 0; }
  bool drained() const override;
  void report(json_object& out) const override;
  faults final_faults() const override;

 protected:
  struct pair {
    message_writer writer;
    delivery_position position;
    acknowledged_position acknowledged;
    bool ready = true;
  };

  // Publishes `count` messages of one pair in one send.
  void publish_some(std::uint32_t index, std::uint64_t count, std::uint64_t intended_ns);
  virtual void on_delivery(const stamp& /*delivered*/, std::uint64_t /*received_ns*/) {}
  std::size_t count() const { return pairs_.size(); }

 private:
  void read_deliveries(std::uint32_t index);
  void read_acknowledgements(std::uint32_t index);

  fleet& clients_;
  const options& chosen_;
  bool reads_clock_;
  std::vector<pair> pairs_;
  std::vector<std::uint32_t> ready_;  // pairs whose window has opened in this turn
  std::vector<std::uint8_t> output_;
  delivery_reader reader_;
  std::unique_ptr<subscribe_churn> churn_;  // null: nobody subscribes beside
  faults faults_;
};

}  // namespace headgate::bench
