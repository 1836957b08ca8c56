#include <string>

#include "admin/host_check.hpp"
#include "admin/target.hpp"
#include "base/assert.hpp"
#include "base/bytes.hpp"

// The target of an HTTP request: what was decoded is found again when it is encoded, and no address is a name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::admin;
  const auto text = headgate::base::as_text({data, size});
  if (const auto target = parse_target(text)) {
    const auto again = percent_decode(percent_encode(target->path));
    HEADGATE_ASSERT(again == target->path);
    HEADGATE_ASSERT(target->path.find('\0') == std::string::npos);
  }
  if (is_own_host(text, "127.0.0.1")) {
    HEADGATE_ASSERT(text.find_first_of("xyzXYZ/@ ") == std::string_view::npos || text.front() == '[');
  }
  return 0;
}
