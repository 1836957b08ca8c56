#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/wake_event.hpp"

namespace headgate::loadtest::run {

// Looks names up on a thread of its own, since the system's call for it blocks: a fleet that reconnects must not wait
// for a slow name server. ask() and take() from one thread, that of the poller which watches fd().
class resolver {
 public:
  resolver();
  ~resolver();  // waits for a look-up that is under way
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  void ask(std::string name);
  // Readable when there are answers to take.
  int fd() const { return answered_.fd(); }
  struct answer {
    std::string name;
    std::vector<std::string> addresses;  // IPv4 and IPv6 as numbers, in the system's order of preference
    std::string error;                   // why there are none
  };
  std::vector<answer> take();

  // On the calling thread.
  static answer look_up(const std::string& name);

 private:
  void run();

  std::mutex mutex_;  // guards the three below: the hand-over between the two threads
  std::condition_variable asked_;
  std::deque<std::string> questions_;
  std::vector<answer> answers_;
  bool ends_ = false;
  net::wake_event answered_;
  std::thread thread_;
};

}  // namespace headgate::loadtest::run
