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
