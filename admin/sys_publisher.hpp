#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "admin/server.hpp"
#include "admin/service_thread.hpp"

namespace headgate::admin {

// Publishes the $SYS topics (sys_topics.hpp) each interval, on the service thread: only values that changed.
//
// Threads: constructed, destroyed and told of another interval on any.
// Lifetime: the service thread lives longer. `server` and what `publish` refers to live until the service thread has
// stopped.
class sys_publisher {
 public:
  using publish = std::function<void(const std::string& topic, const std::string& text)>;

  // Nothing is published before set_interval().
  sys_publisher(service_thread& thread, server& server, publish publish);
  ~sys_publisher();  // nothing more is published once the task that runs has ended
  sys_publisher(const sys_publisher&) = delete;
  sys_publisher& operator=(const sys_publisher&) = delete;

  // The first values come at once, the next ones each interval; 0: no more.
  void set_interval(std::uint32_t interval_ms);

 private:
  struct state;
  service_thread& thread_;
  std::shared_ptr<state> state_;
};

}  // namespace headgate::admin
