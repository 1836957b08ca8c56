#include "cli/worker_thread.hpp"

#include <pthread.h>

#include <string>
#include <utility>

#include "proxy/gateway/events.hpp"

namespace headgate::cli {

worker_thread::worker_thread(const worker::process& process, base::worker_id id,
                             const thread_surroundings& surroundings, net::wake_event& wake, const door_files& door,
                             std::uint64_t seed)
    : id_(id),
      sockets_(surroundings.places, wake, surroundings.log),
      worker_(process, id, worker::worker::ports{sockets_, sockets_, clock_, wake, surroundings.log},
              engines(process, surroundings, door, seed), seed) {}

// The door and the rights are the worker's own; we keep where they are, for new users and rules.
worker::engines worker_thread::engines(const worker::process& process, const thread_surroundings& surroundings,
                                       const door_files& door, std::uint64_t seed) {
  auto engines = worker::memory_engines(process.limits, clock_);
  surroundings.storage.choose(engines, id_, clock_);
  engines.door = [this, &hashes = surroundings.hashes, users = door.users, seed](base::mailbox& letters) {
    auto made = std::make_unique<proxy::auth::door>(users, hashes, letters, clock_, seed);
    door_ = made.get();
    return made;
  };
  engines.rights = [this, rules = door.rules] {
    auto made = std::make_unique<proxy::auth::acl_authoriser>(rules);
    rights_ = made.get();
    return made;
  };
  return engines;
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
  if (!thread_.joinable()) return worker_.give_up();  // never started, or joined
  worker_.letters().post([this] { worker_.stop(); });
}

std::exception_ptr worker_thread::join() {
  if (thread_.joinable()) thread_.join();
  return failure_;
}

void worker_thread::post(letter letter) {
  worker_.letters().post([this, letter = std::move(letter)] { letter(worker_, sockets_); });
}

void worker_thread::set_door(const door_files& door, const std::vector<std::string>& changed,
                             const std::vector<proxy::listener::listening>& how) {
  worker_.letters().post([this, door, changed, how] {
    for (const auto& listener : how) sockets_.set_listening(listener);
    door_->set_users(door.users);
    proxy::gateway::on_users_changed(worker_.gateway(), changed);
    if (!rights_->set_rules(door.rules)) return;
    proxy::gateway::on_rights_changed(worker_.gateway());
  });
}

}  // namespace headgate::cli
