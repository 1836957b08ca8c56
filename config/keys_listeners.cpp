#include <system_error>

#include "config/field.hpp"
#include "config/sections.hpp"
#include "net/tcp.hpp"

namespace headgate::config {

namespace {

constexpr std::size_t max_listeners = 64;
constexpr range ports = {0, 65'535};

bool is_address(const std::string& text) {
  try {
    (void)net::is_loopback(text);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace

section listeners_section() {
  return item_section<listener>(
      "listeners", "Where clients come in.", {"listener", "tcp", max_listeners, {}, {}, {}},
      {&settings::listeners, &settings::listeners_are_default},
      {
          text("bind", &listener::bind, is_address, "an IPv4 or IPv6 address", changes::at_restart,
               "Address to listen on; 0.0.0.0 is all of this machine's over IPv4, :: all over IPv6 and no IPv4: for "
               "both, two "
               "listeners, which may have the same port"),
          number("port", &listener::port, ports, changes::at_restart, "TCP port; 0 picks a free one"),
          choice("transport", &listener::transport, {{"tcp", transport::tcp}}, changes::at_restart,
                 "What carries MQTT"),
          choice("anonymous", &listener::anonymous,
                 {{"auto", anonymous::automatic}, {"allow", anonymous::allow}, {"refuse", anonymous::refuse}},
                 changes::at_restart,
                 "Who may come in without a user name; auto: this machine as long as there are no users, and who shows "
                 "a certificate where one is required"),
      });
}

section admin_section() {
  return plain_section<admin>(
      "admin", "Where operators and Prometheus come in: health, metrics and the API of the command line.",
      [](auto& settings) -> auto& { return settings.admin; },
      {
          choice("enabled", &admin::enabled, {{"true", true}, {"false", false}}, changes::at_restart,
                 "Whether there is an admin listener"),
          text("bind", &admin::bind, is_address, "an IPv4 or IPv6 address of loopback", changes::at_restart,
               "Address to listen on; loopback only, since nobody is asked for a name there"),
          number("port", &admin::port, ports, changes::at_restart, "TCP port; 0 picks a free one"),
      });
}

}  // namespace headgate::config
