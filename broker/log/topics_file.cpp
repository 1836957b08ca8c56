#include "broker/log/topics_file.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.hpp"
#include "broker/log/crc32c.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::uint32_t magic = 0x50544748;  // "HGTP"
constexpr std::uint32_t version = 1;
// So many lists a part, about: a part of usual lists is less than a page.
constexpr std::uint64_t lists_per_part = 4;
constexpr std::uint32_t most_bits = 32;

struct stored_head {
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  std::uint64_t hashes = 0;
  std::uint64_t size = 0;
  std::uint32_t bits = 0;
  std::uint32_t unused[2] = {};
  std::uint32_t crc32c = 0;  // of all before
};
static_assert(sizeof(stored_head) == topics_head_bytes);

struct part_head {
  std::uint32_t crc32c = 0;  // of the part behind this field
  std::uint32_t size = 0;    // with this head
  std::uint32_t lists = 0;
  std::uint32_t number = 0;  // of the part: a directory that leads elsewhere is found out
};
struct list_head {
  std::uint64_t hash = 0;
  std::uint32_t entries = 0;
  std::uint16_t names = 0;
  std::uint16_t unused = 0;
};
static_assert(sizeof(part_head) == 16 && sizeof(list_head) == 16);

std::uint32_t crc_of(base::bytes data) {
  crc32c crc;
  crc.add(data);
  return crc.value();
}

template <class T>
base::bytes bytes_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)};
}

void append(std::vector<std::uint8_t>& out, base::bytes data) {
  out.insert(out.end(), data.begin(), data.end());
}

// Of the part that goes from `begin` to the end of the lists.
void write_part_head(std::vector<std::uint8_t>& lists, std::size_t begin, part_head head) {
  const auto put = [&] { std::memcpy(lists.data() + begin, &head, sizeof(head)); };
  head.size = static_cast<std::uint32_t>(lists.size() - begin);
  put();
  head.crc32c = crc_of(base::bytes(lists).subspan(begin + sizeof(head.crc32c)));
  put();
}

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

std::uint64_t part_of(std::uint64_t hash, std::uint32_t bits) {
  return bits == 0 ? 0 : hash >> (64 - bits);
}

std::uint64_t lists_begin(std::uint32_t bits) {
  return topics_head_bytes + ((std::uint64_t{1} << bits) + 1) * sizeof(std::uint64_t);
}

}  // namespace

void topics_writer::add(const record::record_header& record, std::uint32_t position, std::uint32_t offset_delta,
                        std::uint32_t time_delta_ms) {
  const base::bytes bytes(reinterpret_cast<const std::uint8_t*>(&record), record.size);
  entries_.push_back({record.topic_hash, {position, offset_delta, time_delta_ms, crc_of(bytes)}});
  const auto [begin, end] = by_hash_.equal_range(record.topic_hash);
  const auto topic = record.topic();
  if (std::any_of(begin, end, [&](const auto& known) { return text_of(known.second) == topic; })) return;
  by_hash_.emplace(record.topic_hash, placed_name{names_.size(), topic.size()});
  names_.append(topic);
}

// Adds the list of the hash that the entry `at` has; returns the entry behind its last.
std::size_t topics_writer::add_list(std::vector<std::uint8_t>& lists, std::size_t at) const {
  const auto hash = entries_[at].hash;
  auto end = at;
  while (end < entries_.size() && entries_[end].hash == hash) ++end;
  const auto [name, end_name] = by_hash_.equal_range(hash);
  const auto names = static_cast<std::uint16_t>(std::distance(name, end_name));
  append(lists, bytes_of(list_head{hash, static_cast<std::uint32_t>(end - at), names, 0}));
  std::for_each(name, end_name, [&](const auto& known) {
    const auto text = text_of(known.second);
    append(lists, bytes_of(static_cast<std::uint16_t>(text.size())));
    append(lists, base::as_bytes(text));
  });
  for (; at < end; ++at) append(lists, bytes_of(entries_[at].entry));
  return end;
}

std::vector<std::uint8_t> topics_writer::finish() {
  // Stable: the records of a topic stay in their order.
  std::stable_sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.hash < b.hash; });
  std::uint64_t hashes = 0;
  for (std::size_t n = 0; n < entries_.size(); ++n)
    hashes += n == 0 || entries_[n].hash != entries_[n - 1].hash ? 1 : 0;
  const auto bits = static_cast<std::uint32_t>(std::bit_width(hashes / lists_per_part));

  std::vector<std::uint64_t> directory;
  std::vector<std::uint8_t> lists;
  std::size_t at = 0;
  for (std::uint64_t part = 0; part < std::uint64_t{1} << bits; ++part) {
    const auto begin = lists.size();
    directory.push_back(lists_begin(bits) + begin);
    part_head head;
    head.number = static_cast<std::uint32_t>(part);
    lists.resize(begin + sizeof(head));
    for (; at < entries_.size() && part_of(entries_[at].hash, bits) == part; ++head.lists) at = add_list(lists, at);
    write_part_head(lists, begin, head);
  }
  directory.push_back(lists_begin(bits) + lists.size());

  stored_head head{magic, version, hashes, directory.back(), bits, {}, 0};
  head.crc32c = crc_of(bytes_of(head).first(offsetof(stored_head, crc32c)));
  std::vector<std::uint8_t> file;
  file.reserve(head.size);
  append(file, bytes_of(head));
  for (const auto position : directory) append(file, bytes_of(position));
  append(file, lists);
  return file;
}

result<topics_head> decode_topics_head(base::bytes data) {
  stored_head head;
  if (data.size() < sizeof(head)) return errc::too_small;
  std::memcpy(&head, data.data(), sizeof(head));
  if (head.magic != magic || head.crc32c != crc_of(bytes_of(head).first(offsetof(stored_head, crc32c)))) {
    return errc::damaged;
  }
  if (head.version != version) return errc::unknown_version;
  if (head.bits > most_bits || head.size < lists_begin(head.bits)) return errc::damaged;
  return topics_head{head.hashes, head.size, head.bits};
}

topics_range directory_range(const topics_head& head, std::uint64_t hash) {
  return {topics_head_bytes + part_of(hash, head.bits) * sizeof(std::uint64_t), 2 * sizeof(std::uint64_t)};
}

result<topics_range> decode_directory(const topics_head& head, base::bytes data) {
  front_reader reader(data);
  const auto begin = reader.read<std::uint64_t>();
  const auto end = reader.read<std::uint64_t>();
  if (reader.failed()) return errc::too_small;
  if (begin < lists_begin(head.bits) || begin >= end || end > head.size) return errc::damaged;
  return topics_range{begin, end - begin};
}

topics_range lists_range(const topics_head& head) {
  return {lists_begin(head.bits), head.size - lists_begin(head.bits)};
}

std::uint32_t part_number(const topics_head& head, std::uint64_t hash) {
  return static_cast<std::uint32_t>(part_of(hash, head.bits));
}

result<nothing> decode_part(base::bytes& data, std::uint32_t number, std::vector<topic_list>& lists) {
  front_reader heads(data);
  const auto head = heads.read<part_head>();
  if (heads.failed() || head.size > data.size()) return errc::too_small;
  if (head.size < sizeof(head)) return errc::damaged;
  const auto part = data.first(head.size);
  if (crc_of(part.subspan(sizeof(head.crc32c))) != head.crc32c || head.number != number) return errc::damaged;
  front_reader reader(part.subspan(sizeof(head)));
  for (std::uint32_t n = 0; n < head.lists; ++n) {
    const auto stored = reader.read<list_head>();
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
