#pragma once

#include <string_view>
#include <vector>

#include "proxy/auth/acl.hpp"
#include "proxy/auth/file_error.hpp"

namespace headgate::proxy::auth {

struct parsed_acl_file {
  acl rules;
  std::vector<file_error> errors;  // of all lines; any: the rules are not to be used
};

// An ACL file in mosquitto's format (mosquitto.conf(5), acl_file). Pure.
//   user NAME                                        what follows is for NAME; before it: for who has no name
//   topic [read|write|readwrite|deny] FILTER         readwrite when it does not say
//   pattern [read|write|readwrite|deny] FILTER       for everybody; %c stands for the client id, %u for the user name
//   # a comment
parsed_acl_file parse_acl_file(std::string_view text);

}  // namespace headgate::proxy::auth
