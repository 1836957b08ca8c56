#include "broker/log/topics_file.hpp"

#include <cstring>

#include "broker/log/topics_layout.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint32_t most_bits = 32;

// Reads structures off the front of bytes of a file, never past their end.
class front_reader {
 public:
  explicit front_reader(base::bytes data) : left_(data) {}

  template <class T>
  T read() {
    T value{};
    const auto data = read_bytes(sizeof(T));
    if (!data.empty()) std::memcpy(&value, data.data(), sizeof(T));
    return value;
  }
  base::bytes read_bytes(std::size_t size) {
    if (size > left_.size()) failed_ = true;
    if (failed_) return {};
    const auto data = left_.first(size);
    left_ = left_.subspan(size);
    return data;
  }
  bool failed() const { return failed_; }
  std::size_t left() const { return left_.size(); }

 private:
  base::bytes left_;
  bool failed_ = false;
};

}  // namespace

result<topics_head> decode_topics_head(base::bytes data) {
  stored_topics_head head;
  if (data.size() < sizeof(head)) return errc::too_small;
  std::memcpy(&head, data.data(), sizeof(head));
  if (head.magic != topics_magic || head.crc32c != crc_of(head)) {
    return errc::damaged;
  }
  if (head.version != topics_version) return errc::unknown_version;
  if (head.bits > most_bits || head.size < topics_lists_begin(head.bits)) return errc::damaged;
  return topics_head{head.hashes, head.size, head.bits};
}

topics_range directory_range(const topics_head& head, std::uint64_t hash) {
  return {topics_head_bytes + topics_part_of(hash, head.bits) * sizeof(std::uint64_t), 2 * sizeof(std::uint64_t)};
}

result<topics_range> decode_directory(const topics_head& head, base::bytes data) {
  front_reader reader(data);
  const auto begin = reader.read<std::uint64_t>();
  const auto end = reader.read<std::uint64_t>();
  if (reader.failed()) return errc::too_small;
  if (begin < topics_lists_begin(head.bits) || begin >= end || end > head.size) return errc::damaged;
  return topics_range{begin, end - begin};
}

topics_range lists_range(const topics_head& head) {
  return {topics_lists_begin(head.bits), head.size - topics_lists_begin(head.bits)};
}

std::uint32_t part_number(const topics_head& head, std::uint64_t hash) {
  return static_cast<std::uint32_t>(topics_part_of(hash, head.bits));
}

result<nothing> decode_part(base::bytes& data, std::uint32_t number, std::vector<topic_list>& lists) {
  front_reader heads(data);
  const auto head = heads.read<topics_part_head>();
  if (heads.failed() || head.size > data.size()) return errc::too_small;
  if (head.size < sizeof(head)) return errc::damaged;
  const auto part = data.first(head.size);
  if (crc_of(part.subspan(sizeof(head.crc32c))) != head.crc32c || head.number != number) return errc::damaged;
  front_reader reader(part.subspan(sizeof(head)));
  for (std::uint32_t n = 0; n < head.lists; ++n) {
    const auto stored = reader.read<topics_list_head>();
    topic_list list{stored.hash, {}, {}};
    for (std::uint16_t name = 0; name < stored.names && !reader.failed(); ++name) {
      list.names.push_back(base::as_text(reader.read_bytes(reader.read<std::uint16_t>())));
    }
    if (std::uint64_t{stored.entries} * sizeof(topic_entry) > reader.left()) return errc::damaged;
    list.entries.resize(stored.entries);
    for (auto& entry : list.entries) entry = reader.read<topic_entry>();
    if (reader.failed()) return errc::damaged;
    lists.push_back(std::move(list));
  }
  if (reader.left() > 0) return errc::damaged;
  data = data.subspan(head.size);
  return nothing{};
}

}  // namespace headgate::broker::log
