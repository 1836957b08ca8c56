#include <algorithm>

#include "clock.hpp"
#include "histogram.hpp"
#include "pairs.hpp"

namespace headgate::bench {

namespace {

// An open loop over pairs: message i is due at start + i / rate and goes to pair i mod N, whatever has arrived by then.
// Latency counts from that instant, so that a server (or a generator) that falls behind is not spared [coordinated
// omission].
class latency final : public pairs {
 public:
  latency(fleet& clients, const options& chosen) : pairs(clients, chosen), interval_ns_(1e9 / chosen.rate) {}

  void publish(std::uint64_t now) override {
    if (start_ns_ == 0) start_ns_ = now;
    for (std::uint64_t due = next_due_ns(); due <= now; due = next_due_ns()) {
      if (measuring_) lateness_.record(now - due);
      publish_some(static_cast<std::uint32_t>(published_ % count()), 1, due);
      now = now_ns();
    }
  }
  std::uint64_t next_due_ns() const override {
    return start_ns_ + static_cast<std::uint64_t>(static_cast<double>(published_) * interval_ns_);
  }
  void on_measuring(bool on) override {
    measuring_ = on;
    // Messages under way at the end still belong to the measurement; those from before its start do not.
    (on ? measured_from_ns_ : measured_to_ns_) = now_ns();
  }
  void report(json_object& out) const override {
    const auto add = [](const histogram& of) {
      json_object text;
      text.add("count", of.total());
      text.add("p50_us", of.percentile_us(0.5));
      text.add("p99_us", of.percentile_us(0.99));
      text.add("p999_us", of.percentile_us(0.999));
      text.add("max_us", of.maximum_us());
      return text;
    };
    out.add("latency", add(latencies_));
    // How late the generator itself sent: a part of the latencies that is not the server's.
    out.add("send_lateness", add(lateness_));
  }

 private:
  void on_delivery(const stamp& delivered, std::uint64_t received_ns) override {
    if (measured_from_ns_ == 0 || delivered.intended_ns < measured_from_ns_) return;
    if (!measuring_ && delivered.intended_ns > measured_to_ns_) return;
    latencies_.record(received_ns - std::min(received_ns, delivered.intended_ns));
  }

  double interval_ns_;
  std::uint64_t start_ns_ = 0;
  std::uint64_t measured_from_ns_ = 0;
  std::uint64_t measured_to_ns_ = 0;
  bool measuring_ = false;
  histogram latencies_;
  histogram lateness_;
};

}  // namespace

std::unique_ptr<workload> make_latency(fleet& clients, const options& chosen) {
  return std::make_unique<latency>(clients, chosen);
}

}  // namespace headgate::bench
