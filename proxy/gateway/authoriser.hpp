#pragma once

#include <string_view>

namespace headgate::proxy::gateway {

// Who wants to do something.
struct principal {
  std::string_view client_id;
  std::string_view user_name;  // empty when its CONNECT had none
};

// The port that decides what a client may do. Pure: it answers at once.
class authoriser {
 public:
  virtual ~authoriser() = default;
  // False: only topics that begin with '$' need to be asked for, so that most messages cost no call.
  virtual bool has_rules() const = 0;
  virtual bool may_publish(const principal& who, std::string_view topic) const = 0;
  // `filter`: without $share/{name}/.
  virtual bool may_subscribe(const principal& who, std::string_view filter) const = 0;
};

}  // namespace headgate::proxy::gateway
