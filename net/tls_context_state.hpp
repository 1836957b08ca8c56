#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/tls_context.hpp"
#include "net/tls_handles.hpp"
#include "net/tls_ticket_keys.hpp"
#include "net/tls_validity.hpp"

// Internal to net/.
namespace headgate::net {

struct tls_context::state {
  bool is_server = false;
  std::unique_ptr<tls_ticket_keys> ticket_keys;  // a server's that gives tickets
  // A server's: the first one for who names no server that we have; each has the certificates of a set of names.
  std::vector<context_handle> contexts;
  // In lower case, and with "*" for a label.
  std::unordered_map<std::string, ssl_ctx_st*> by_name;
  std::vector<validity> validities;   // of all files
  std::vector<std::string> warnings;  // beside what these have to say
  // A client's.
  std::string server_name;
  bool verify = true;
};

}  // namespace headgate::net
