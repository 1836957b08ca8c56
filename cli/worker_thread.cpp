#include "cli/worker_thread.hpp"

#include <pthread.h>

#include <string>
#include <utility>

namespace headgate::cli {

worker_thread::worker_thread(const worker::process& process, base::worker_id id, std::vector<named_listener> listeners,
                             proxy::listener::client_places& places, net::wake_event& wake, base::log_sink& log,
                             std::uint64_t seed)
    : id_(id),
      sockets_(places, wake, log),
      worker_(process, id, worker::worker::ports{sockets_, sockets_, clock_, wake, log},
              worker::memory_engines(process.limits, clock_), seed) {
  for (auto& listener : listeners) {
    sockets_.listen(std::move(listener.socket), {.name = std::move(listener.name), .anonymous_allowed = true});
  }
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

void worker_thread::post(letter letter) {
  worker_.letters().post([this, letter = std::move(letter)] { letter(worker_, sockets_); });
}

}  // namespace headgate::cli
