#include "admin/http_listener.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <system_error>
#include <utility>

#include "admin/http_connection.hpp"

namespace headgate::admin {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// After an accept that failed, such as for want of descriptors.
constexpr std::chrono::milliseconds accept_again_after(100);

std::string name_of(const std::string& bind, std::uint16_t port) {
  return (bind.find(':') == std::string::npos ? bind : "[" + bind + "]") + ":" + std::to_string(port);
}

tcp::acceptor listen(asio::io_context& context, const std::string& bind, std::uint16_t port) {
  try {
    // Asio sets SO_REUSEADDR and listens.
    return {context, tcp::endpoint(asio::ip::make_address(bind), port)};
  } catch (const boost::system::system_error& error) {
    throw std::system_error(std::error_code(error.code().value(), std::system_category()),
                            "the admin listener cannot have " + name_of(bind, port) +
                                " (set admin.port or admin.bind to another, or admin.enabled to false)");
  }
}

}  // namespace

struct http_listener::state : std::enable_shared_from_this<state> {
  state(tcp::acceptor acceptor, std::shared_ptr<http_shared> shared)
      : acceptor(std::move(acceptor)), pause(this->acceptor.get_executor()), shared(std::move(shared)) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
      if (error) return self->accept_later();
      if (self->shared->connections.size() < self->shared->limits.connections) {
        serve_connection(std::move(socket), self->shared);
      }
      self->accept();
    });
  }

  void accept_later() {
    if (!acceptor.is_open()) return;
    pause.expires_after(accept_again_after);
    pause.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error && self->acceptor.is_open()) self->accept();
    });
  }

  void close() {
    boost::system::error_code ignored;  // closed it is in any case
    acceptor.close(ignored);
    pause.cancel();
    close_connections(*shared);
  }

  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<http_shared> shared;
};

http_listener::http_listener(service_thread& thread, const std::string& bind, std::uint16_t port, server& server,
                             const http_limits& limits)
    : thread_(thread), services_(new services{server, thread.poster(), {}, {}, {}}) {
  auto shared = std::make_shared<http_shared>();
  shared->bind = bind;
  shared->limits = limits;
  shared->services = services_;
  auto state = std::make_shared<http_listener::state>(listen(thread.context(), bind, port), std::move(shared));
  local_port_ = state->acceptor.local_endpoint().port();
  state_ = state;
  thread.post([state = std::move(state)] { state->accept(); });
}

http_listener::~http_listener() {
  thread_.post([state = state_] {
    if (const auto held = state.lock()) held->close();
  });
}

void http_listener::set_draining(bool draining) {
  services_->draining = draining;
}

void http_listener::set_token(std::string token) {
  services_->token.set(std::move(token));
}

}  // namespace headgate::admin
