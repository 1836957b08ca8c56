#pragma once

#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "loadtest/relay/relay.hpp"
#include "net/wake_event.hpp"

namespace headgate::loadtest::relay {

// A relay with a thread of its own, for tests whose client or server blocks. Its methods may be called from any thread;
// they wait for the relay's thread, which is never long. Ends with the object. on_fault of the options is called on the
// relay's thread.
class relay_thread {
 public:
  // Throws as relay does.
  explicit relay_thread(relay_options options);
  ~relay_thread();
  relay_thread(const relay_thread&) = delete;
  relay_thread& operator=(const relay_thread&) = delete;

  std::uint16_t port() const { return relay_.port(); }
  // As relay::apply().
  std::string apply(std::string line);
  sums done();
  // Those made so far.
  std::vector<fault> faults();

 private:
  void post_and_wait(const std::function<void()>& task);
  void run();

  std::vector<fault> faults_;  // the relay's thread
  relay relay_;
  net::wake_event wake_;
  std::mutex mutex_;  // of what follows
  std::vector<std::packaged_task<void()>> posted_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace headgate::loadtest::relay
