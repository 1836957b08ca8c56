#include <algorithm>

#include "base/assert.hpp"
#include "mqtt/topic.hpp"

// A filter and a topic, divided by the first zero byte: what is said of them must fit together.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::mqtt;
  const bytes input(data, size);
  const std::string_view all = headgate::base::as_text(input);
  const std::size_t end = std::min(all.find('\0'), all.size());
  const std::string_view filter = all.substr(0, end);
  const std::string_view topic = all.substr(std::min(end + 1, all.size()));
  const bytes topic_bytes = headgate::base::as_bytes(topic);

  const bool good_text = check_utf8(topic_bytes) == text_check::good;
  const bool good_topic = check_topic_name(topic) == topic_check::good;
  HEADGATE_ASSERT(!find_topic_name_error(topic_bytes) == (good_text && good_topic));

  const bool valid = is_valid_topic_filter(filter);
  const auto shared = split_shared_filter(filter);
  HEADGATE_ASSERT(shared.has_value() == is_shared_filter(filter));
  if (is_valid_subscription_filter(filter, version::v5)) HEADGATE_ASSERT(valid || shared);
  if (shared) HEADGATE_ASSERT(!shared->share_name.empty() && !shared->filter.empty());
  if (!valid || !good_topic) return 0;

  const bool matched = matches(filter, topic);
  if (!has_wildcard(filter)) HEADGATE_ASSERT(matched == (filter == topic));
  if (filter == "#") HEADGATE_ASSERT(matched == !topic.starts_with('$'));
  HEADGATE_ASSERT(matches(topic, topic));
  return 0;
}
