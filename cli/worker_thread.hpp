#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.hpp"
#include "base/log_sink.hpp"
#include "net/descriptor.hpp"
#include "net/system_clock.hpp"
#include "net/wake_event.hpp"
#include "proxy/listener/client_sockets.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

// A listener that is open, and its name.
struct named_listener {
  net::descriptor socket;
  std::string name;
};

// One worker with its sockets, in a thread of its own. The thread that made it calls everything here but post(); what
// was given to the constructor outlives it. Once started it is to be joined, and all of them are joined before the
// first is destroyed, since workers hand each other what they have.
class worker_thread {
 public:
  // Throws std::system_error.
  worker_thread(const worker::process& process, base::worker_id id, std::vector<named_listener> listeners,
                proxy::listener::client_places& places, net::wake_event& wake, base::log_sink& log, std::uint64_t seed);
  worker_thread(const worker_thread&) = delete;
  worker_thread& operator=(const worker_thread&) = delete;

  // `failed` is called in the worker's thread when it ends by an exception, which join() hands on.
  void start(std::function<void()> failed);
  // Asks the worker to end; one that has ended already does not mind.
  void stop();
  // What happened, or nothing.
  std::exception_ptr join();

  // Any thread: runs the letter in the worker's thread, at the beginning of its next turn. Never if the worker has
  // ended; then the letter is destroyed with this. It must be short.
  using letter = std::function<void(worker::worker& worker, proxy::listener::client_sockets& sockets)>;
  void post(letter letter);

 private:
  base::worker_id id_;
  net::system_clock clock_;
  proxy::listener::client_sockets sockets_;
  worker::worker worker_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace headgate::cli
