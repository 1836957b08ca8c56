#include "config/environment.hpp"

#include <algorithm>
#include <string>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "config/table.hpp"

// Variables of the environment, NAME=VALUE, divided by zero bytes: each wrong one is named in a sentence, and what is
// in force is what its keys take again. HEADGATE_ stands before each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::config;
  auto rest = headgate::base::as_text({data, size});
  variables given;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\0'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto sign = std::min(line.find('='), line.size());
    given.emplace_back("HEADGATE_" + std::string(line.substr(0, sign)), line.substr(std::min(sign + 1, line.size())));
  }
  settings settings;
  origins origins;
  problems problems;
  read_environment(settings, given, origins, problems);

  auto text = problems.text();
  HEADGATE_ASSERT(problems.empty() == text.empty());
  HEADGATE_ASSERT(text.empty() || text.starts_with("HEADGATE_"));
  headgate::config::settings again;
  for (const auto& place : places_of(settings)) {
    const bool is_new = !place.section->items || !place.section->items->are_default(settings);
    if (is_new) HEADGATE_ASSERT(!apply(again, place.path(), place.key->show(settings, place.item)));
  }
  for (const auto& [key, origin] : origins) HEADGATE_ASSERT(find_place(key) && origin.starts_with("HEADGATE_"));
  return 0;
}
