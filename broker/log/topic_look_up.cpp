#include "broker/log/topic_look_up.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "broker/log/topic_density.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint64_t bytes_per_step = 1024 * 1024;

result<nothing> read_exactly(file& file, std::uint64_t position, std::span<std::uint8_t> into, waiting wait) {
  const auto got = file.read(position, into, wait);
  if (!got) return got.error();
  if (*got < into.size()) return errc::too_small;
  return nothing{};
}

std::uint64_t records_of(const segment_summary& segment) {
  return segment.end.value - segment.first.value;
}

// Whether they can be the records of this segment, one behind the other: what reads them relies on it.
bool are_sound(const std::vector<topic_entry>& entries, const segment_summary& segment) {
  for (std::size_t n = 0; n < entries.size(); ++n) {
    const auto& entry = entries[n];
    if (entry.position >= segment.size || entry.offset_delta >= records_of(segment)) return false;
    if (n == 0) continue;
    if (entry.position <= entries[n - 1].position || entry.offset_delta <= entries[n - 1].offset_delta) return false;
  }
  return true;
}

// The size of the part that `data` begins with, or so much as is needed to tell.
std::size_t part_size(base::bytes data) {
  constexpr std::size_t size_at = 4;
  std::uint32_t size = 0;
  if (data.size() < size_at + sizeof(size)) return size_at + sizeof(size);
  std::copy_n(data.data() + size_at, sizeof(size), reinterpret_cast<std::uint8_t*>(&size));
  return size;
}

}  // namespace

result<opened_topics> open_topics(directory& directory, const segment_summary& segment) {
  auto data = directory.open(log_name(segment.first), opening::to_read);
  if (!data) return data.error();
  auto topics = directory.open(topics_name(segment.first), opening::to_read);
  if (!topics) return topics.error();
  const auto size = (*topics)->size();
  if (!size) return size.error();
  std::array<std::uint8_t, topics_head_bytes> bytes{};
  if (const auto read = read_exactly(**topics, 0, bytes, waiting::allowed); !read) return read.error();
  const auto head = decode_topics_head(bytes);
  if (!head) return head.error();
  if (head->size != *size) return errc::damaged;
  return opened_topics{segment, *data, *topics, *head};
}

result<looked_up> look_up_topic(const opened_topics& opened, std::uint64_t hash, std::uint64_t most_bytes,
                                waiting wait) {
  const auto at = directory_range(opened.head, hash);
  std::array<std::uint8_t, 2 * sizeof(std::uint64_t)> places{};
  if (const auto read = read_exactly(*opened.topics, at.position, places, wait); !read) return read.error();
  const auto range = decode_directory(opened.head, places);
  if (!range) return range.error();
  if (range->size > most_bytes) return looked_up{true, {}};
  std::vector<std::uint8_t> bytes(range->size);
  if (const auto read = read_exactly(*opened.topics, range->position, bytes, wait); !read) return read.error();
  base::bytes data(bytes);
  std::vector<topic_list> lists;
  if (const auto decoded = decode_part(data, part_number(opened.head, hash), lists); !decoded) return decoded.error();
  looked_up found;
  for (auto& list : lists) {
    if (list.hash == hash) found.entries = std::move(list.entries);
  }
  if (!data.empty() || !are_sound(found.entries, opened.segment)) return errc::damaged;
  return found;
}

topic_search::topic_search(opened_topics opened, const predicate& wanted)
    : opened_(std::move(opened)), wanted_(wanted), left_(lists_range(opened_.head)) {}

result<bool> topic_search::step() {
  const auto had = buffer_.size();
  const auto wanted = std::max<std::uint64_t>(bytes_per_step, part_size(buffer_));
  const auto more = std::min(left_.size, wanted - std::min<std::uint64_t>(had, wanted));
  if (more == 0) return errc::damaged;  // the last part does not end where the file does
  buffer_.resize(had + more);
  const auto read = read_exactly(*opened_.topics, left_.position, std::span(buffer_).subspan(had), waiting::allowed);
  if (!read) return read.error();
  left_.position += more;
  left_.size -= more;

  base::bytes data(buffer_);
  while (!data.empty() && part_size(data) <= data.size()) {
    std::vector<topic_list> lists;
    if (const auto decoded = decode_part(data, part_, lists); !decoded) return decoded.error();
    ++part_;
    take(lists);
    if (found_.too_many) return true;
  }
  if (data.empty() && left_.size == 0) {
    if (!finish()) return errc::damaged;
    return true;
  }
  buffer_.erase(buffer_.begin(), buffer_.end() - static_cast<std::ptrdiff_t>(data.size()));
  return false;
}

void topic_search::take(const std::vector<topic_list>& lists) {
  for (const auto& list : lists) {
    if (std::none_of(list.names.begin(), list.names.end(), wanted_)) continue;
    found_.entries.insert(found_.entries.end(), list.entries.begin(), list.entries.end());
    if (is_dense(found_.entries.size(), records_of(opened_.segment))) found_ = {true, {}};
    if (found_.too_many) return;
  }
}

bool topic_search::finish() {
  std::sort(found_.entries.begin(), found_.entries.end(),
            [](const auto& a, const auto& b) { return a.position < b.position; });
  return are_sound(found_.entries, opened_.segment);
}

}  // namespace headgate::broker::log
