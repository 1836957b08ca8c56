#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "config/settings.hpp"
#include "net/descriptor.hpp"
#include "proxy/listener/client_sockets.hpp"

namespace headgate::cli {

// A listener of the settings, open.
struct open_listener {
  std::string name;
  std::string address;  // "127.0.0.1:1883", "[::1]:1883"
  config::listener settings;
  std::vector<net::descriptor> sockets;  // one a worker
};

// Opens all, or none. Throws settings_error: which listener, why, and what would do.
std::vector<open_listener> open_listeners(const config::settings& settings, std::uint32_t workers);

// How its clients come in; `tls` is null for a listener that speaks plain.
proxy::listener::listening how_to_listen(const config::listener& listener, const config::auth& auth,
                                         std::shared_ptr<const net::tls_context> tls);

// The sentence for an address that cannot be listened on; `key` is what its keys begin with, such as "listeners.tcp".
config::settings_error cannot_listen(const std::string& key, const std::system_error& error);

// "192.0.2.7:1883", "[2001:db8::7]:1883".
std::string printable_address(const std::string& bind, std::uint16_t port);

}  // namespace headgate::cli
