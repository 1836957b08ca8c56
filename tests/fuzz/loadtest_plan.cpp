#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "loadtest/plan/check_plan.hpp"
#include "loadtest/plan/plan_file.hpp"

// Any bytes as a plan: told what is wrong in sentences that name the file, or a plan without conflicts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::loadtest;
  try {
    const auto plan = plan::read_plan(headgate::base::as_text({data, size}), "f.yaml", 1);
    HEADGATE_ASSERT(plan::find_conflicts(plan).empty());
    HEADGATE_ASSERT(!plan.groups.empty() && !plan.targets.empty());
    for (const auto& event : plan.events) HEADGATE_ASSERT(event.group < plan.groups.size());
  } catch (const plan::plan_error& error) {
    std::string text = error.what();
    HEADGATE_ASSERT(!text.empty());
    while (!text.empty()) {
      HEADGATE_ASSERT(text.starts_with("f.yaml:") || text.starts_with("there are more"));
      const auto end = text.find('\n');
      text = end == std::string::npos ? "" : text.substr(end + 1);
    }
  }
  return 0;
}
