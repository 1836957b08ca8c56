#include <string_view>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "config/reload.hpp"
#include "config/table.hpp"
#include "config/yaml_file.hpp"

namespace {

// What does not go together is refused with a sentence, and never in force.
bool goes_together(const headgate::config::settings& settings) {
  try {
    headgate::config::check(settings);
    return true;
  } catch (const headgate::config::settings_error& error) {
    HEADGATE_ASSERT(!std::string_view(error.what()).empty());
    return false;
  }
}

}  // namespace

// Any bytes as a configuration file: told what is wrong in sentences that name the file, or in force with values that
// their keys take again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::config;
  settings settings;
  origins origins;
  problems problems;
  read_yaml(settings, headgate::base::as_text({data, size}), "f.yaml", origins, problems);

  auto text = problems.text();
  HEADGATE_ASSERT(problems.empty() == text.empty());
  while (!text.empty()) {
    HEADGATE_ASSERT(text.starts_with("f.yaml:") || text.starts_with("there are more"));
    const auto end = text.find('\n');
    text = end == std::string::npos ? "" : text.substr(end + 1);
  }

  headgate::config::settings again;
  for (const auto& place : places_of(settings)) {
    const bool is_new = !place.section->items || !place.section->items->are_default(settings);
    if (is_new) HEADGATE_ASSERT(!apply(again, place.path(), place.key->show(settings, place.item)));
  }
  if (goes_together(settings)) HEADGATE_ASSERT(plan_reload(settings, again).changes.empty());
  for (const auto& [key, origin] : origins) HEADGATE_ASSERT(find_place(key) && origin.starts_with("f.yaml:"));
  return 0;
}
