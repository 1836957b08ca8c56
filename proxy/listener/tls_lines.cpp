#include "proxy/listener/tls_lines.hpp"

#include <array>
#include <chrono>
#include <string>

#include "base/limits.hpp"
#include "net/tcp.hpp"

namespace headgate::proxy::listener {

namespace {

base::monotonic_ms now() {
  using std::chrono::steady_clock;
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch());
  return base::monotonic_ms(static_cast<std::uint64_t>(since.count()));
}

}  // namespace

tls_lines::tls_lines(base::log_sink& log) : log_(log), admitted_(base::tls_lines_per_second) {}

void tls_lines::tell(int fd, std::string_view listener, std::string_view what) {
  if (!admitted_.admit(now())) return;
  const auto left_out = admitted_.take_left_out();
  const auto address = net::peer_address(fd);
  auto text = "a client at " + address + " " + std::string(what);
  if (left_out > 0) text += "; " + std::to_string(left_out) + " such lines before this one were left out";
  const std::array<base::log_field, 2> fields{{{"address", address}, {"listener", listener}}};
  log_.write({.severity = base::severity::warning,
              .event = "client_tls_failed",
              .text = text,
              .fields = std::span(fields).first(listener.empty() ? 1 : 2)});
}

}  // namespace headgate::proxy::listener
