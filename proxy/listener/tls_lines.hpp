#pragma once

#include <string_view>

#include "base/log_sink.hpp"
#include "base/rate_limiter.hpp"

namespace headgate::proxy::listener {

// Log lines about clients whose TLS failed: event client_tls_failed, with the fields address and listener. So many a
// second (base::tls_lines_per_second); the next one says how many were left out before it. One thread.
class tls_lines {
 public:
  explicit tls_lines(base::log_sink& log);

  // `what` goes on from "a client at address ".
  void tell(int fd, std::string_view listener, std::string_view what);

 private:
  base::log_sink& log_;
  base::rate_limiter admitted_;
};

}  // namespace headgate::proxy::listener
