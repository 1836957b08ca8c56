#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/mailbox.hpp"
#include "rocks/thread_sanitizer.hpp"
#include "session-store/embedded/embedded_session_store.hpp"
#include "tests/support/bell.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headgate::tests {

// What embedded session stores need of a process: a directory, the store thread, and a mailbox that the test waits for.
// The engines go before close(). One thread; the store thread posts.
class embedded_home {
  using store_thread = session_store::embedded::store_thread;
  using engine = session_store::embedded::embedded_session_store;

 public:
  embedded_home() { options.directory = own_directory_.emplace().path() + "/sessions"; }
  // In a directory of somebody else.
  explicit embedded_home(const std::string& directory) { options.directory = directory; }

  // What open() takes, but for the time.
  store_thread::options options;

  void open(base::instant now) {
    options.now = now;
    auto opened = store_thread::open(options);
    HEADGATE_ASSERT(opened);
    store_ = std::move(*opened);
  }
  std::unique_ptr<engine> make(std::uint32_t number, session_store::answers& answers, base::clock& clock,
                               std::uint32_t max_stored_sessions) {
    return std::make_unique<engine>(*store_, number, answers, letters_, clock, max_stored_sessions);
  }
  void close() {
    store_.reset();
    letters_.run_all();
  }

  // Runs letters until `done()`.
  template <class Done>
  void wait_until(Done done) {
    letters_.run_all();
    while (!done()) {
      bell_.wait();
      letters_.run_all();
    }
  }

  store_thread& store() { return *store_; }

 private:
  std::optional<temporary_directory> own_directory_;
  bell bell_;
  base::mailbox letters_{bell_};
  std::unique_ptr<store_thread> store_;
};

}  // namespace headgate::tests
