#pragma once

#include <cstdint>
#include <vector>

#include "net/descriptor.hpp"

namespace headgate::net {

// Level-triggered epoll. One thread. What one wait() found is kept until it is taken, so that a turn may stop in the
// middle and the ones behind are served first in the next.
class poller {
 public:
  poller();

  // `key` comes back with the events. Throws std::system_error when the kernel has no room.
  void add(int fd, std::uint64_t key);
  // False when the kernel has no room.
  bool try_add(int fd, std::uint64_t key);
  void set_interest(int fd, std::uint64_t key, bool read, bool write);
  void remove(int fd);

  struct event {
    std::uint64_t key = 0;
    bool readable = false;  // or closed by the peer, or broken: a read tells
    bool writable = false;
    bool broken = false;  // an error, or both directions are closed; reported whatever the interest
  };

  // Waits at most `timeout_ms` (-1: for ever) unless events are left.
  void wait(int timeout_ms);
  // The same to the nanosecond, as far as the thread's timer slack allows (prctl PR_SET_TIMERSLACK).
  void wait_ns(std::uint64_t timeout_ns);
  bool has_event() const { return next_ < count_; }
  event take();
  // Whether the last wait() found as much as it can report: there may be more.
  bool was_full() const;

 private:
  void found(int count, const char* call);

  descriptor epoll_;
  std::vector<std::uint8_t> events_;  // epoll_event; that header stays in the source
  int count_ = 0;
  int next_ = 0;
};

}  // namespace headgate::net
