#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/mailbox.hpp"
#include "proxy/auth/password_hash.hpp"
#include "proxy/auth/view.hpp"

namespace headgate::proxy::auth {

// Threads that compute password hashes, so that no worker does: a few, at a lower priority than the workers, over a
// bounded queue, first come, first served. Shared by all workers of a process. Tools that list threads show them as
// headgate-hash0, headgate-hash1, …
//
// Threads: submit() and view() from any; stop() and the destructor from one. Lifetime: the mailboxes that answers go to
// are there until stop() has returned.
class hash_pool {
 public:
  using check = std::function<bool(const password_hash& hash, std::string_view password)>;

  // `threads`: at least 1. `most_waiting`: above it submit() refuses, as it does above base::waiting_password_bytes;
  // those under way do not count. `check`: what the threads compute, several at once. Throws std::system_error when the
  // system gives no thread.
  hash_pool(std::uint32_t threads, std::uint32_t most_waiting, check check = &is_password_of);
  ~hash_pool();  // stop()
  hash_pool(const hash_pool&) = delete;
  hash_pool& operator=(const hash_pool&) = delete;

  struct job {
    password_hash hash;
    std::string password;                     // wiped when it is done or forgotten
    base::mailbox* answers = nullptr;         // not null
    std::function<void(bool is_right)> done;  // runs as a letter of `answers`
  };
  // False: as many wait as may, or it has stopped; the job is as it was. True: the job is empty, its password wiped.
  bool submit(job&& job);
  // Waits for the hashes under way, which are answered, and forgets those that wait, which never are; submit() refuses
  // from now on.
  void stop();

  // Any thread; for operators.
  hash_pool_view view() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace headgate::proxy::auth
