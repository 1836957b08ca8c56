#pragma once

#include <cstdint>
#include <string_view>

namespace headgate::proxy::gateway {

// Who wants to do something.
struct principal {
  std::string_view client_id;
  std::string_view user_name;  // empty: anonymous
};

// How much of what a filter matches a client may read.
enum class reach : std::uint8_t { nothing, some, all };

// The port that decides what a client may do. Pure: it answers at once, and says the same as long as version() is the
// same. What it says of single topics is kept (rights_cache.hpp), so that it may take a microsecond or two.
class authoriser {
 public:
  virtual ~authoriser() = default;
  // Another number whenever the rules have changed.
  virtual std::uint32_t version() const = 0;
  // False: everybody may read everything and write every topic that does not begin with '$', so that most messages cost
  // no call.
  virtual bool has_rules() const = 0;
  virtual bool may_write(const principal& who, std::string_view topic) const = 0;
  virtual bool may_read(const principal& who, std::string_view topic) const = 0;
  // `filter`: without $share/{name}/. `all` only if may_read() holds for every topic that it matches, `nothing` only if
  // it holds for none of them; a filter without wildcards is never `some`.
  virtual reach may_subscribe(const principal& who, std::string_view filter) const = 0;
};

}  // namespace headgate::proxy::gateway
