#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/gateway/authoriser.hpp"

namespace headgate::proxy::auth {

// What a line of an ACL file says. Without what make_rule() works out it says the same, slower.
struct acl_rule {
  enum class access : std::uint8_t { read = 1, write = 2, readwrite = 3, deny = 4 };
  access what = access::readwrite;
  std::string filter{};  // of a pattern: with %c and %u
  // Each topic that it matches begins with this many bytes of `filter`; the last eight of them (or all, with zeros
  // behind) as they stand in memory.
  std::uint32_t fixed_bytes = 0;
  std::uint64_t last_fixed = 0;
};
acl_rule make_rule(acl_rule::access what, std::string_view filter);

// The rules of an ACL file: a plain value; shared between threads once it is made. As in mosquitto: what decides is a
// deny of the client's own rules, then an allowing one of them, then a deny of the patterns, then an allowing one;
// nothing said is not allowed. So lists hold those that deny first. A topic that begins with '$' is matched by filters
// that are written with it only. Topics of the server (server_topics.hpp) are nobody's to write.
//
// A client chooses its id itself, so that a pattern must not give it more than the place of that name:
//   - no pattern allows anything to a client whose id or user name has '+' or '#' in it;
//   - one allows nothing by way of a name with '/' in it, or by one with '$' at the beginning of its filter (mosquitto
//     differs in these two). One that denies takes such names as they are.
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
