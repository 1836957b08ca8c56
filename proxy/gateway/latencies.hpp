#pragma once

#include <cstdint>
#include <vector>

#include "proxy/gateway/view.hpp"

namespace headgate::proxy::gateway {

struct proxy_state;
struct delivery;

// How long messages took that a turn sends: noted a batch at a time while the turn gathers its output, and added to the
// histograms when that was sent, with one look at the clock for all of them. Allocates nothing once it has its size.
// One thread.
class latencies {
 public:
  // So many answers to publishes, or deliveries, go out of what was received then (base::clock, microseconds).
  void acknowledged(std::uint64_t received_us, std::uint64_t count) { note(acknowledged_, received_us, count); }
  void delivered(std::uint64_t received_us, std::uint64_t count) { note(delivered_, received_us, count); }

  // What a batch of a stream brings is the growth of the counter of deliveries between these two, less what was sent by
  // a flush in between.
  void begin_stream(std::uint64_t received_us, std::uint64_t deliveries) {
    in_stream_ = true;
    received_us_ = received_us;
    counted_ = deliveries;
  }
  void end_stream(std::uint64_t deliveries) {
    delivered(received_us_, deliveries - counted_);
    in_stream_ = false;
  }
  void count_stream(std::uint64_t deliveries) {
    if (!in_stream_) return;
    delivered(received_us_, deliveries - counted_);
    counted_ = deliveries;
  }

  bool empty() const { return acknowledged_.empty() && delivered_.empty(); }
  // All that was noted has been sent at this instant.
  void sent(std::uint64_t now_us, gateway_view& counters);

 private:
  struct noted {
    std::uint64_t received_us = 0;
    std::uint64_t count = 0;
  };
  static void note(std::vector<noted>& all, std::uint64_t received_us, std::uint64_t count) {
    if (count == 0) return;
    if (!all.empty() && all.back().received_us == received_us) {
      all.back().count += count;
    } else {
      all.push_back({received_us, count});
    }
  }

  std::vector<noted> acknowledged_;
  std::vector<noted> delivered_;
  bool in_stream_ = false;
  std::uint64_t received_us_ = 0;
  std::uint64_t counted_ = 0;
};

// PUBLISH packets sent for the first time, live or later.
inline std::uint64_t deliveries_of(const gateway_view& counters) {
  return counters.deliveries_out_qos0 + counters.deliveries_out_qos1 + counters.deliveries_out_qos2;
}

// The turn's output was sent.
void count_sent(proxy_state& state);
// So many deliveries go out of a message that waited, or was read from the log: as old as its record, to 1 ms.
void count_late(proxy_state& state, const delivery& delivery, std::uint64_t count);

}  // namespace headgate::proxy::gateway
