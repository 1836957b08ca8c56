#include "cli/advice.hpp"

namespace headgate::cli {

std::string advice(const std::error_code& error, const std::string& port_key) {
  if (error == std::errc::address_in_use)
    return "; stop the server that has it ('ss -ltnp' names it), or choose another port with --set " + port_key +
           "=PORT";
  if (error == std::errc::address_not_available)
    return "; no interface of this machine has it ('ip address' lists them)";
  if (error == std::errc::permission_denied) return "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
  if (error == std::errc::too_many_files_open) return "; raise the limit of open files (ulimit -n)";
  if (error == std::errc::resource_unavailable_try_again)
    return "; this user has no more threads: raise the limit (ulimit -u, under systemd TasksMax=), or take fewer "
           "workers";
  return "";
}

}  // namespace headgate::cli
