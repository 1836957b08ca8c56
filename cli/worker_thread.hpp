#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.hpp"
#include "base/log_sink.hpp"
#include "cli/door_files.hpp"
#include "cli/storage.hpp"
#include "net/descriptor.hpp"
#include "net/system_clock.hpp"
#include "net/wake_event.hpp"
#include "proxy/auth/acl_authoriser.hpp"
#include "proxy/auth/door.hpp"
#include "proxy/auth/hash_pool.hpp"
#include "proxy/listener/client_sockets.hpp"
#include "worker/worker.hpp"

namespace headgate::cli {

// What the worker threads of a process share beside worker::process; all of it outlives them.
struct thread_surroundings {
  proxy::listener::client_places& places;
  base::log_sink& log;
  proxy::auth::hash_pool& hashes;
  cli::storage& storage;
};

// One worker with its sockets, in a thread of its own. The thread that made it calls everything here but post(); what
// was given to the constructor outlives it. Once started it is to be joined, and all of them are joined before the
// first is destroyed, since workers hand each other what they have.
class worker_thread {
 public:
  // Throws std::system_error, and settings_error when its logs or sessions cannot be opened.
  worker_thread(const worker::process& process, base::worker_id id, const thread_surroundings& surroundings,
                net::wake_event& wake, const door_files& door, std::uint64_t seed);
  worker_thread(const worker_thread&) = delete;
  worker_thread& operator=(const worker_thread&) = delete;

  // Before start(): takes clients from this listener, too. Throws std::system_error.
  void listen(net::descriptor listener, proxy::listener::listening how) {
    sockets_.listen(std::move(listener), std::move(how));
  }

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
  // Any thread: these users and rules count from now on, and `how` for who comes through the listener of that name.
  // Clients of the users in `changed` have to come in anew.
  void set_door(const door_files& door, const std::vector<std::string>& changed,
                const std::vector<proxy::listener::listening>& how);

  // The worker's thread.
  const proxy::auth::door_view& door_view() const { return door_->view(); }

 private:
  worker::engines engines(const worker::process& process, const thread_surroundings& surroundings,
                          const door_files& door, std::uint64_t seed);

  base::worker_id id_;
  net::system_clock clock_;
  proxy::listener::client_sockets sockets_;
  proxy::auth::door* door_ = nullptr;              // the worker's, as long as it lives
  proxy::auth::acl_authoriser* rights_ = nullptr;  // likewise
  worker::worker worker_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace headgate::cli
