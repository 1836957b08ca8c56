#include "cli/listening.hpp"

#include "net/tcp.hpp"

namespace headgate::cli {

namespace {

// What mends it.
std::string advice(const std::string& key, const std::error_code& error) {
  if (error == std::errc::address_in_use) {
    return "; stop the server that has it ('ss -ltnp' names it), or choose another port with --set " + key +
           ".port=PORT";
  }
  if (error == std::errc::address_not_available) {
    return "; no interface of this machine has it ('ip address' lists them): change " + key + ".bind";
  }
  if (error == std::errc::permission_denied) {
    return "; ports below 1024 need root or CAP_NET_BIND_SERVICE: change " + key + ".port";
  }
  if (error == std::errc::too_many_files_open) return "; raise the limit of open files (ulimit -n)";
  return "";
}

}  // namespace

config::settings_error cannot_listen(const std::string& key, const std::system_error& error) {
  return config::settings_error(key + ": " + error.what() + advice(key, error.code()));
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
