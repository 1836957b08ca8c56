#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/gateway/authoriser.hpp"

namespace headgate::proxy::auth {

// What a line of an ACL file says.
struct acl_rule {
  enum class access : std::uint8_t { read = 1, write = 2, readwrite = 3, deny = 4 };
  access what = access::readwrite;
  std::string filter;  // of a pattern: with %c and %u
};

// The rules of an ACL file: a plain value; shared between threads once it is made. As in mosquitto: a deny that matches
// decides, then what is allowed, first of the client's own rules, then of the patterns; nothing said is not allowed. A
// topic that begins with '$' is matched by filters that begin with it only. A pattern whose client id or user name has
// '+', '#' or '/' in it matches nothing. Topics of the server (server_topics.hpp) are nobody's to write.
struct acl {
  std::vector<acl_rule> anonymous;
  std::map<std::string, std::vector<acl_rule>, std::less<>> users;
  std::vector<acl_rule> patterns;
};

bool may_write(const acl& rules, const gateway::principal& who, std::string_view topic);
bool may_read(const acl& rules, const gateway::principal& who, std::string_view topic);
// As gateway::authoriser says it.
gateway::reach may_subscribe(const acl& rules, const gateway::principal& who, std::string_view filter);

}  // namespace headgate::proxy::auth
