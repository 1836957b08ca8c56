#include "mqtt/topic.hpp"

#include <algorithm>
#include <cstring>

namespace headgate::mqtt {
namespace {

constexpr std::string_view share_prefix = "$share/";

constexpr std::uint64_t every_byte(std::uint8_t value) {
  return 0x0101'0101'0101'0101U * value;
}

bool is_wildcard(char c) {
  return c == '+' || c == '#';
}

// Whether eight bytes hold nothing that a Topic Name needs a closer look for: a wildcard, U+0000, a byte of 0x80 or
// above.
// '+' (0x2b) and '#' (0x23) differ in one bit, so that one comparison finds both. Adding 0x7f sets the high bit of each
// byte that is not zero; no carry leaves a byte, as long as none has its high bit, which the last term sees to.
bool is_plain_topic(std::uint64_t word) {
  const std::uint64_t not_nul = word + every_byte(0x7f);
  const std::uint64_t not_wildcard = ((word | every_byte(0x08)) ^ every_byte(0x2b)) + every_byte(0x7f);
  return (not_nul & not_wildcard & ~word & every_byte(0x80)) == every_byte(0x80);
}

std::uint64_t load(const std::uint8_t* at) {
  std::uint64_t word;
  std::memcpy(&word, at, 8);
  return word;
}

bool is_plain_topic(bytes topic) {
  const std::uint8_t* at = topic.data();
  const std::size_t size = topic.size();
  if (size < 8) {
    std::uint64_t word = every_byte('a');
    std::memcpy(&word, at, size);
    return is_plain_topic(word);
  }
  // The last eight bytes may overlap those before.
  const std::uint8_t* const last = at + size - 8;
  for (; at < last; at += 8) {
    if (!is_plain_topic(load(at))) return false;
  }
  return is_plain_topic(load(last));
}

// `separators` '/' make separators + 1 levels; a text shorter than that can't hold too many.
bool has_too_many_levels(std::string_view text) {
  return text.size() >= max_topic_levels &&
         std::ranges::count(text, '/') >= static_cast<std::ptrdiff_t>(max_topic_levels);
}

}  // namespace

topic_check check_topic_name(std::string_view topic) {
  if (topic.empty()) return topic_check::empty;
  if (!is_plain_topic(base::as_bytes(topic)) && std::ranges::any_of(topic, is_wildcard))
    return topic_check::has_wildcard;
  return has_too_many_levels(topic) ? topic_check::too_many_levels : topic_check::good;
}

std::optional<errc> find_topic_name_error(bytes topic) {
  if (topic.empty()) return errc::topic_empty;
  const std::string_view text = base::as_text(topic);
  if (!is_plain_topic(topic)) {
    const text_check checked = check_utf8(topic);
    if (checked == text_check::not_utf8) return errc::string_not_utf8;
    if (checked == text_check::has_nul) return errc::string_has_nul;
    if (std::ranges::any_of(text, is_wildcard)) return errc::topic_has_wildcard;
  }
  if (has_too_many_levels(text)) return errc::topic_too_many_levels;
  return std::nullopt;
}

bool is_valid_topic_filter(std::string_view filter) {
  if (filter.empty() || has_too_many_levels(filter)) return false;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (!is_wildcard(filter[i])) continue;
    const bool last = i + 1 == filter.size();
    if (i > 0 && filter[i - 1] != '/') return false;
    if (!last && (filter[i] == '#' || filter[i + 1] != '/')) return false;
  }
  return true;
}

bool has_wildcard(std::string_view filter) {
  return std::ranges::any_of(filter, is_wildcard);
}

std::optional<shared_filter> split_shared_filter(std::string_view filter) {
  if (!filter.starts_with(share_prefix)) return std::nullopt;
  const std::string_view rest = filter.substr(share_prefix.size());
  const std::size_t slash = rest.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == rest.size()) return std::nullopt;
  const shared_filter parts{rest.substr(0, slash), rest.substr(slash + 1)};
  if (has_wildcard(parts.share_name)) return std::nullopt;
  return parts;
}

bool is_shared_filter(std::string_view filter) {
  return split_shared_filter(filter).has_value();
}

bool is_valid_subscription_filter(std::string_view filter, version version) {
  if (version != version::v5 || !filter.starts_with(share_prefix)) return is_valid_topic_filter(filter);
  const auto parts = split_shared_filter(filter);
  return parts && is_valid_topic_filter(parts->filter);
}

bool matches(std::string_view filter, std::string_view topic) {
  if (topic.starts_with('$') && !filter.empty() && is_wildcard(filter.front())) return false;
  // '+' takes exactly one level and '#' all the rest, so that there is never a choice to come back to.
  std::size_t t = 0;
  for (std::size_t f = 0; f < filter.size(); ++f) {
    if (filter[f] == '#') return true;
    if (filter[f] == '+') {
      t = std::min(topic.find('/', t), topic.size());
    } else if (t == topic.size()) {
      return filter.substr(f) == "/#";  // "a/#" matches its parent "a" (4.7.1.2)
    } else if (filter[f] != topic[t++]) {
      return false;
    }
  }
  return t == topic.size();
}

}  // namespace headgate::mqtt
