#pragma once

#include <cstdint>
#include <vector>

#include "net/buffer_pool.hpp"

namespace headgate::loadtest::relay {

// Nothing moves from `begin` on for `length`, and again `every` later; 0: once. In nanoseconds.
struct stalling {
  std::uint64_t begin_ns = 0;
  std::uint64_t length_ns = 0;
  std::uint64_t every_ns = 0;
};

// How the bytes of one direction of a connection go.
struct pacing {
  std::uint64_t delay_ns = 0;
  std::uint64_t jitter_ns = 0;         // up to so much more
  std::uint64_t bytes_per_second = 0;  // 0: no such limit
  std::vector<stalling> stalls{};
};

// The bytes of one direction of a connection that wait to be sent: delayed, stalled, throttled. Pure: the caller says
// what time it is, on a clock that does not go back. One thread; the pool outlives it.
//  1. Bytes come out in the order in which they went in, whatever the jitter.
//  2. A delay holds for what is pushed after it was set. Throttle and stalls hold for what waits, too.
//  3. In any time t no more than bytes_per_second × (t + 50 ms) go, or one byte.
class pacer {
 public:
  // The seed decides the jitter.
  pacer(net::buffer_pool& pool, std::uint64_t seed) : pool_(pool), random_(seed) {}
  pacer(const pacer&) = delete;
  pacer& operator=(const pacer&) = delete;
  ~pacer() { pool_.give_back(buffer_); }

  void set(const pacing& pace, std::uint64_t now_ns);
  void push(base::bytes data, std::uint64_t now_ns);
  // What may be sent now, until the next call of another method but waiting().
  base::bytes ready(std::uint64_t now_ns);
  // So much of it was sent.
  void consume(std::size_t size);
  // When there is something ready, or more than was; ~0: never by itself.
  std::uint64_t next_ns(std::uint64_t now_ns) const;
  std::size_t waiting() const { return buffer_.size(); }
  // Forgets what waits.
  void clear();

 private:
  // What was pushed together: its end among all bytes ever pushed.
  struct chunk {
    std::uint64_t end = 0;
    std::uint64_t due_ns = 0;
  };

  void earn(std::uint64_t now_ns);
  double most_earned() const;
  // The first moment from `from_ns` on that no stall covers.
  std::uint64_t end_of_stalls(std::uint64_t from_ns) const;

  net::buffer_pool& pool_;
  net::buffer buffer_;
  pacing pace_;
  std::uint64_t random_;  // the state of its dice
  std::uint64_t pushed_ = 0;
  std::uint64_t due_ = 0;   // of those pushed: whose delay is over
  std::uint64_t sent_ = 0;  // of those
  std::vector<chunk> chunks_;
  std::size_t next_chunk_ = 0;  // those before it are due
  double earned_ = 0;           // bytes that the throttle lets go
  std::uint64_t earned_at_ns_ = 0;
};

}  // namespace headgate::loadtest::relay
