#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "admin/server.hpp"
#include "admin/service_thread.hpp"
#include "base/limits.hpp"

namespace headgate::admin {

struct services;

// Bounds of the HTTP side; others than these are for tests.
struct http_limits {
  std::size_t connections = base::admin_connections;
  std::uint32_t header_bytes = base::admin_header_bytes;
  std::uint32_t body_bytes = base::admin_body_bytes;
  std::uint32_t request_ms = base::admin_request_ms;
  std::uint32_t answer_ms = base::admin_answer_ms;
  std::uint32_t send_ms = base::admin_send_ms;
  std::uint32_t idle_ms = base::admin_idle_ms;
};

// The admin listener: HTTP/1.1 with keep-alive on the service thread, one request at a time on a connection. What it
// answers to is in router.cpp.
//
// Threads: constructed and destroyed on any, local_port(), set_draining() and set_token() from any.
// Lifetime: the service thread lives longer; `server` until the service thread has stopped, since requests may be under
// way when the listener goes.
class http_listener {
 public:
  // Listens at once, and answers when the service thread runs. `bind` is an IPv4 or IPv6 address; port 0: any free one.
  // Throws std::system_error, with the address in its text: it is in use, or not this machine's.
  http_listener(service_thread& thread, const std::string& bind, std::uint16_t port, server& server,
                const http_limits& limits = {});
  ~http_listener();  // closes its connections
  http_listener(const http_listener&) = delete;
  http_listener& operator=(const http_listener&) = delete;

  std::uint16_t local_port() const { return local_port_; }
  // From now on /readyz says that this server goes, so that no new clients are sent here.
  void set_draining(bool draining);
  // What requests but those for /healthz and /readyz have to bring as 'Authorization: Bearer TOKEN' from now on; empty,
  // as at the beginning: nothing.
  void set_token(std::string token);

 private:
  struct state;
  service_thread& thread_;
  // Held by what waits on the service thread, so that the acceptor does not outlive its io_context.
  std::weak_ptr<state> state_;
  std::shared_ptr<services> services_;
  std::uint16_t local_port_ = 0;
};

}  // namespace headgate::admin
