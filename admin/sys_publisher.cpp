#include "admin/sys_publisher.hpp"

#include <chrono>
#include <utility>

#include "admin/process_numbers.hpp"
#include "admin/sys_topics.hpp"

namespace headgate::admin {

// On the service thread only.
struct sys_publisher::state : std::enable_shared_from_this<state> {
  state(service_thread& thread, admin::server& server, sys_publisher::publish publish)
      : thread(thread), post(thread.poster()), server(server), publish(std::move(publish)) {}

  void begin(std::uint32_t new_interval_ms) {
    ++generation;
    interval_ms = new_interval_ms;
    if (interval_ms != 0) tick();
  }

  void tick() {
    ask();
    thread.after(interval_ms, [self = shared_from_this(), expected = generation] {
      if (self->generation == expected) self->tick();
    });
  }

  void ask() {
    if (asking) return;  // a worker is slow; the next interval will do
    asking = true;
    server.measure([post = post, weak = weak_from_this()](std::optional<measures> answer) {
      post([weak, answer = std::move(answer)] {
        if (const auto self = weak.lock()) self->take(answer);
      });
    });
  }

  void take(const std::optional<measures>& answer) {
    asking = false;
    if (!answer || interval_ms == 0) return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto now_ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    const sys_moment moment{now_ms, read_process_numbers().resident_bytes};
    for (const auto& [topic, text] : sys_topics(*answer, moment, history)) publish(topic, text);
  }

  service_thread& thread;
  std::function<void(service_thread::task)> post;
  admin::server& server;
  sys_publisher::publish publish;
  std::uint32_t interval_ms = 0;
  std::uint64_t generation = 0;  // of the interval; a timer of an older one does nothing
  bool asking = false;
  sys_history history;
};

sys_publisher::sys_publisher(service_thread& thread, admin::server& server, publish publish)
    : thread_(thread), state_(std::make_shared<state>(thread, server, std::move(publish))) {}

sys_publisher::~sys_publisher() {
  set_interval(0);
}

void sys_publisher::set_interval(std::uint32_t interval_ms) {
  thread_.post([state = state_, interval_ms] { state->begin(interval_ms); });
}

}  // namespace headgate::admin
