#include "cli/listening.hpp"

#include "cli/advice.hpp"
#include "net/tcp.hpp"

namespace headgate::cli {

config::settings_error cannot_listen(const std::string& key, const std::system_error& error) {
  return config::settings_error(key + ": " + error.what() + advice(error.code(), key + ".port"));
}

std::string printable_address(const std::string& bind, std::uint16_t port) {
  const bool v6 = bind.find(':') != std::string::npos;
  return (v6 ? "[" + bind + "]" : bind) + ":" + std::to_string(port);
}

proxy::listener::listening how_to_listen(const config::listener& listener, const config::auth& auth,
                                         std::shared_ptr<const net::tls_context> tls) {
  proxy::listener::listening how;
  how.name = listener.name;
  how.anonymous_allowed = config::allows_anonymous(listener, auth);
  switch (listener.user_name) {
    case config::user_name_source::connect:
      how.user = proxy::listener::certificate_user::none;
      break;
    case config::user_name_source::common_name:
      how.user = proxy::listener::certificate_user::common_name;
      break;
    case config::user_name_source::alternative_name:
      how.user = proxy::listener::certificate_user::alternative_name;
      break;
  }
  how.tls = std::move(tls);
  return how;
}

std::vector<open_listener> open_listeners(const config::settings& settings, std::uint32_t workers) {
  std::vector<open_listener> all;
  for (const auto& listener : settings.listeners) {
    try {
      auto sockets = net::listen_tcp(listener.bind, listener.port, workers);
      const auto address = printable_address(listener.bind, net::local_port(sockets.front().get()));
      all.push_back({listener.name, address, listener, std::move(sockets)});
    } catch (const std::system_error& error) {
      throw cannot_listen("listeners." + listener.name, error);
    }
  }
  return all;
}

}  // namespace headgate::cli
