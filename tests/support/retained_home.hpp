#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "base/mailbox.hpp"
#include "broker/retained/durable_retained_store.hpp"
#include "rocks/thread_sanitizer.hpp"
#include "tests/support/bell.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headgate::tests {

// What durable retained stores need of a process: a directory, the retained thread, and a mailbox that the test waits
// for. The stores go before close(). One thread; the retained thread posts.
class retained_home {
  using retained_thread = broker::retained::retained_thread;
  using store = broker::retained::durable_retained_store;

 public:
  retained_home() { options.directory = own_directory_.emplace().path() + "/retained"; }
  // In a directory of somebody else.
  explicit retained_home(const std::string& directory) { options.directory = directory; }

  retained_thread::options options;

  void open() {
    auto opened = retained_thread::open(options);
    HEADGATE_ASSERT(opened);
    thread_ = std::move(*opened);
  }
  std::unique_ptr<store> make(std::string_view shard, std::uint32_t log_id) {
    return std::make_unique<store>(*thread_, shard, log_id, letters_);
  }
  void close() {
    thread_.reset();
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

  retained_thread& thread() { return *thread_; }

 private:
  std::optional<temporary_directory> own_directory_;
  bell bell_;
  base::mailbox letters_{bell_};
  std::unique_ptr<retained_thread> thread_;
};

}  // namespace headgate::tests
