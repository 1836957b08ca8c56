#include "broker/log/segment.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace headgate::broker::log {

namespace {

constexpr std::size_t digits = 20;
constexpr std::string_view log_ending = ".log";

std::string name_of(offset first, std::string_view ending) {
  std::array<char, digits + 1> text{};
  std::snprintf(text.data(), text.size(), "%020llu", static_cast<unsigned long long>(first.value));
  return std::string(text.data()).append(ending);
}

}  // namespace

void segment_index::add(const record::batch_header& batch, std::uint64_t position, bool continues) {
  if (continues && !entries_.empty() && position < entries_.back().position + bytes_per_entry) return;
  entries_.push_back({batch.base_offset, batch.timestamp_ms, position});
}

segment_part segment_index::part_of(offset from, const segment_summary& segment) const {
  const auto behind =
      std::upper_bound(entries_.begin(), entries_.end(), from.value,
                       [](std::uint64_t value, const index_entry& entry) { return value < entry.offset; });
  return part_before(behind, segment);
}

segment_part segment_index::part_at(std::uint64_t position, const segment_summary& segment) const {
  const auto behind =
      std::upper_bound(entries_.begin(), entries_.end(), position,
                       [](std::uint64_t value, const index_entry& entry) { return value < entry.position; });
  return part_before(behind, segment);
}

segment_part segment_index::part_before(std::vector<index_entry>::const_iterator behind,
                                        const segment_summary& segment) const {
  if (behind == entries_.begin()) ++behind;
  const auto& at = *(behind - 1);
  const bool is_last = behind == entries_.end();
  const auto end_position = is_last ? segment.size : behind->position;
  return {at.position, end_position - at.position, offset{at.offset}, is_last ? segment.end : offset{behind->offset}};
}

std::string log_name(offset first) {
  return name_of(first, log_ending);
}

std::string index_name(offset first) {
  return name_of(first, ".index");
}

std::string topics_name(offset first) {
  return name_of(first, ".topics");
}

bool parse_log_name(std::string_view name, offset* first) {
  if (name.size() != digits + log_ending.size() || !name.ends_with(log_ending)) return false;
  const auto* const end = name.data() + digits;
  const auto [stopped, error] = std::from_chars(name.data(), end, first->value);
  return error == std::errc{} && stopped == end;
}

}  // namespace headgate::broker::log
