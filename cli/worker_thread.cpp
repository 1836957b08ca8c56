#include "cli/worker_thread.hpp"

#include <pthread.h>

#include <memory>
#include <string>
#include <utility>

namespace headgate::cli {

worker_thread::worker_thread(const worker::process& process, base::worker_id id, net::descriptor listener,
                             proxy::listener::client_places& places, net::wake_event& wake, base::log_sink& log,
                             std::uint64_t seed)
    : id_(id),
      sockets_(places, wake, log),
      worker_(process, id, worker::worker::ports{sockets_, sockets_, clock_, wake, log},
              worker::memory_engines(process.limits, clock_), seed) {
  sockets_.listen(std::move(listener));
}

void worker_thread::start(std::function<void()> failed) {
  thread_ = std::thread([this, failed = std::move(failed)] {
    // As tools that list threads show it; Linux takes 15 letters.
    pthread_setname_np(pthread_self(), ("headgate-" + std::to_string(id_.value)).c_str());
    try {
      worker_.run();
    } catch (...) {
      failure_ = std::current_exception();
      failed();
    }
  });
}

void worker_thread::stop() {
  worker_.letters().post([this] { worker_.stop(); });
}

std::exception_ptr worker_thread::join() {
  if (thread_.joinable()) thread_.join();
  return failure_;
}

std::future<counters> worker_thread::ask_counters() {
  const auto asked = std::make_shared<std::promise<counters>>();
  worker_.letters().post([this, asked] { asked->set_value({worker_.view(), sockets_.view()}); });
  return asked->get_future();
}

}  // namespace headgate::cli
