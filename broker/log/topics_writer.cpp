#include "broker/log/topics_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/prefetch.hpp"
#include "broker/log/topics_layout.hpp"

namespace headgate::broker::log {

namespace {

// Fewer lists than these are in the processor's caches anyway.
constexpr std::size_t cached_lists = 4096;

// Writes structures one behind the other.
class front_writer {
 public:
  explicit front_writer(std::uint8_t* at) : at_(at) {}

  template <class T>
  void write(const T& value) {
    std::memcpy(at_, &value, sizeof(value));
    at_ += sizeof(value);
  }
  void write(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void skip(std::size_t size) { at_ += size; }
  std::uint8_t* at() const { return at_; }

 private:
  std::uint8_t* at_;
};

// Of the part, whose head has all else.
void set_crc(std::span<std::uint8_t> part) {
  const auto crc = crc_of(part.subspan(sizeof(topics_part_head::crc32c)));
  std::memcpy(part.data() + offsetof(topics_part_head, crc32c), &crc, sizeof(crc));
}

}  // namespace

topics_writer::topics_writer(std::size_t records) {
  entries_.reserve(records);
  list_of_.reserve(records);
}

void topics_writer::add(std::span<const placed_record> records) {
  if (lists_.size() > cached_lists) prefetch(records);
  for (const auto& placed : records) {
    const auto& record = *placed.record;
    const auto crc = crc_of({reinterpret_cast<const std::uint8_t*>(&record), record.size});
    last_ = find(record);
    ++lists_[last_].entries;
    list_of_.push_back(last_);
    entries_.push_back({placed.position, placed.offset_delta, placed.time_delta_ms, crc});
  }
}

void topics_writer::prefetch(std::span<const placed_record> records) const {
  for (const auto& placed : records) index_.prefetch(placed.record->topic_hash);
  for (const auto& placed : records) {
    const auto number = index_.candidate(placed.record->topic_hash);
    if (number != none) base::prefetch(&lists_[number]);
  }
  for (const auto& placed : records) {
    const auto number = index_.candidate(placed.record->topic_hash);
    if (number != none) base::prefetch(names_.data() + lists_[number].name.begin);
  }
}

// The number of the list of the record's topic, which then has its name.
std::uint32_t topics_writer::find(const record::record_header& record) {
  const auto hash = record.topic_hash;
  auto number = last_;
  if (lists_.empty() || lists_[number].hash != hash) {
    number = index_.find(hash, [&](std::uint32_t candidate) { return lists_[candidate].hash == hash; });
  }
  if (number == none) return add_list(hash, record.topic());
  auto& list = lists_[number];
  if (text_of(list.name) != record.topic()) add_name(list, record.topic());
  return number;
}

std::uint32_t topics_writer::add_list(std::uint64_t hash, std::string_view topic) {
  const auto number = static_cast<std::uint32_t>(lists_.size());
  lists_.push_back({hash, 0, keep_name(topic)});
  index_.insert(hash, number);
  return number;
}

// Of a list whose first name is another one.
void topics_writer::add_name(known_list& list, std::string_view topic) {
  auto* last = &list.name;
  while (last->next != none) {
    last = &other_names_[last->next];
    if (text_of(*last) == topic) return;
  }
  last->next = static_cast<std::uint32_t>(other_names_.size());
  other_names_.push_back(keep_name(topic));
}

topics_writer::known_name topics_writer::keep_name(std::string_view topic) {
  const known_name name{static_cast<std::uint32_t>(names_.size()), none, static_cast<std::uint16_t>(topic.size())};
  names_.append(topic);
  return name;
}

template <class Visit>
void topics_writer::for_each_name(const known_list& list, Visit visit) const {
  visit(text_of(list.name));
  for (auto next = list.name.next; next != none; next = other_names_[next].next) visit(text_of(other_names_[next]));
}

std::size_t topics_writer::size_of(const known_list& list) const {
  std::size_t names = 0;
  for_each_name(list, [&](std::string_view text) { names += sizeof(std::uint16_t) + text.size(); });
  return sizeof(topics_list_head) + names + list.entries * sizeof(topic_entry);
}

// By parts first, which takes no comparison, then the few of each part.
topics_writer::arrangement topics_writer::arrange() const {
  arrangement made;
  made.bits = static_cast<std::uint32_t>(std::bit_width(lists_.size() / lists_per_part));
  const auto part_of = [&](const known_list& list) { return topics_part_of(list.hash, made.bits); };
  const auto parts = std::size_t{1} << made.bits;
  made.part_ends.resize(parts);
  for (const auto& list : lists_) ++made.part_ends[part_of(list)];
  std::uint32_t before = 0;
  for (auto& end : made.part_ends) before += std::exchange(end, before);
  made.lists.resize(lists_.size());
  // Each begin moves to its part's end.
  for (std::uint32_t n = 0; n < lists_.size(); ++n) made.lists[made.part_ends[part_of(lists_[n])]++] = n;

  std::uint64_t position = topics_lists_begin(made.bits);
  std::uint32_t at = 0;
  for (const auto end : made.part_ends) {
    std::sort(made.lists.begin() + at, made.lists.begin() + end,
              [&](std::uint32_t a, std::uint32_t b) { return lists_[a].hash < lists_[b].hash; });
    made.positions.push_back(position);
    position += sizeof(topics_part_head);
    for (; at < end; ++at) position += size_of(lists_[made.lists[at]]);
  }
  made.positions.push_back(position);
  return made;
}

// All but the entries, and the CRCs of what has some. Returns where those of each list go.
std::vector<std::uint64_t> topics_writer::write_heads(const arrangement& arranged, std::span<std::uint8_t> file) const {
  stored_topics_head head{topics_magic, topics_version, lists_.size(), file.size(), arranged.bits, {}, 0};
  head.crc32c = crc_of(head);
  front_writer out(file.data());
  out.write(head);
  for (const auto position : arranged.positions) out.write(position);

  std::vector<std::uint64_t> places(lists_.size());
  std::uint32_t at = 0;
  for (std::uint32_t part = 0; part < arranged.part_ends.size(); ++part) {
    const auto end = arranged.part_ends[part];
    const auto size = arranged.positions[part + 1] - arranged.positions[part];
    out.write(topics_part_head{0, static_cast<std::uint32_t>(size), end - at, part});
    for (; at < end; ++at) {
      const auto& list = lists_[arranged.lists[at]];
      topics_list_head list_head{list.hash, list.entries, 0, 0};
      auto* const before_names = out.at();
      out.skip(sizeof(list_head));
      for_each_name(list, [&](std::string_view text) {
        ++list_head.names;
        out.write(static_cast<std::uint16_t>(text.size()));
        out.write(text);
      });
      front_writer(before_names).write(list_head);
      places[arranged.lists[at]] = static_cast<std::uint64_t>(out.at() - file.data());
      out.skip(list.entries * sizeof(topic_entry));
    }
  }
  return places;
}

void topics_writer::write_entries(std::vector<std::uint64_t>& places, std::span<std::uint8_t> file) const {
  for (std::size_t n = 0; n < entries_.size(); ++n) {
    auto& place = places[list_of_[n]];
    std::memcpy(file.data() + place, &entries_[n], sizeof(topic_entry));
    place += sizeof(topic_entry);
  }
}

std::vector<std::uint8_t> topics_writer::finish() {
  const auto arranged = arrange();
  std::vector<std::uint8_t> file(arranged.positions.back());
  auto places = write_heads(arranged, file);
  write_entries(places, file);
  for (std::size_t part = 0; part + 1 < arranged.positions.size(); ++part) {
    const auto begin = arranged.positions[part];
    set_crc(std::span(file).subspan(begin, arranged.positions[part + 1] - begin));
  }
  return file;
}

}  // namespace headgate::broker::log
