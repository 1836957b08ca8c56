#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/mailbox.hpp"
#include "proxy/auth/password_hash.hpp"

namespace headgate::proxy::auth {

// Threads that compute password hashes, so that no worker does: a few, at a lower priority than the workers, over a
// bounded queue. Shared by all workers of a process.
//
// Threads: submit() and view() from any. Lifetime: the mailboxes that answers go to are there until stop() has
// returned.
class hash_pool {
 public:
  // `most_waiting`: above it submit() refuses. Throws std::system_error when the system gives no thread.
  hash_pool(std::uint32_t threads, std::uint32_t most_waiting);
  ~hash_pool();  // stop()
  hash_pool(const hash_pool&) = delete;
  hash_pool& operator=(const hash_pool&) = delete;

  struct job {
    password_hash hash;
    std::string password;  // wiped when it is done
    base::mailbox* answers = nullptr;
    std::function<void(bool is_right)> done;  // runs as a letter of `answers`
  };
  // False, and nothing happens: as many wait as may.
  bool submit(job&& job);
  // Waits for the hashes under way and forgets those that wait; submit() refuses from now on.
  void stop();

  // Any thread; for operators.
  struct view_of_pool {
    std::uint64_t computed = 0;
    std::uint64_t refused = 0;
    std::uint64_t busy_us = 0;  // of all its threads
    std::uint32_t waiting = 0;  // now
  };
  view_of_pool view() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace headgate::proxy::auth
