#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <thread>

#include "base/ids.hpp"
#include "base/log_sink.hpp"
#include "net/descriptor.hpp"
#include "net/system_clock.hpp"
#include "net/wake_event.hpp"
#include "proxy/listener/client_sockets.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

// What one worker and its sockets count.
struct counters {
  worker::worker_view worker;
  proxy::listener::listener_view listener;
};

// One worker with its sockets, in a thread of its own. The thread that made it calls everything here; what was given to
// the constructor outlives it. Once started it is to be joined, and all of them are joined before the first is
// destroyed, since workers hand each other what they have.
class worker_thread {
 public:
  // Throws std::system_error.
  worker_thread(const worker::process& process, base::worker_id id, net::descriptor listener,
                proxy::listener::client_places& places, net::wake_event& wake, base::log_sink& log, std::uint64_t seed);
  worker_thread(const worker_thread&) = delete;
  worker_thread& operator=(const worker_thread&) = delete;

  // `failed` is called in the worker's thread when it ends by an exception, which join() hands on.
  void start(std::function<void()> failed);
  // Asks the worker to end; one that has ended already does not mind.
  void stop();
  // What happened, or nothing.
  std::exception_ptr join();

  // Copied out between two of its turns. Never ready if the worker has ended.
  std::future<counters> ask_counters();

 private:
  base::worker_id id_;
  net::system_clock clock_;
  proxy::listener::client_sockets sockets_;
  worker::worker worker_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace headgate::cli
