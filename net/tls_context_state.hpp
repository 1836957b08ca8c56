#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "net/tls_context.hpp"
#include "net/tls_handles.hpp"
#include "net/tls_validity.hpp"

// Internal to net/.
namespace headgate::net {

struct tls_context::state {
  bool is_server = false;
  bool verifies_clients = false;
  // A server's: the first one for who names no server that we have; each has the certificates of a set of names.
  std::vector<context_handle> contexts;
  // In lower case, and with "*" for a label.
  std::unordered_map<std::string, ssl_ctx_st*> by_name;
  std::vector<validity> validities;  // of all files
  // A client's.
  std::string server_name;
  bool verify = true;
};

}  // namespace headgate::net
