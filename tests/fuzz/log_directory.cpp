// Any bytes in the files of a log's directory: they are opened or refused, what can be read ascends and is whole, and a
// second opening finds the same. The first byte says which file has the bytes; of two files the second what is left.
#include <cstdlib>
#include <cstring>

#include "broker/log/chain_walk.hpp"
#include "broker/log/crc32c.hpp"
#include "broker/log/log_identity.hpp"
#include "broker/log/lone_record.hpp"
#include "broker/log/segmented_log.hpp"
#include "broker/log/topic_look_up.hpp"
#include "broker/log/topics_file.hpp"
#include "tests/support/fake_disk.hpp"

namespace {

using namespace headgate;          // NOLINT(google-build-using-namespace)
using namespace headgate::broker;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) std::abort();
}

struct no_waker final : base::waker {
  void wake() override {}
};
struct no_lines final : base::log_sink {
  void write(const base::log_line&) override {}
};

// Nobody guesses a CRC: with the right ones the bytes get further.
void set_batch_crcs(std::vector<std::uint8_t>& bytes) {
  for (std::size_t at = 0; bytes.size() - at >= sizeof(record::batch_header);) {
    record::batch_header header;
    std::memcpy(&header, bytes.data() + at, sizeof(header));
    if (header.size < sizeof(header) || header.size > bytes.size() - at || header.size % 8 != 0) return;
    header.crc32c = 0;
    std::memcpy(bytes.data() + at, &header, sizeof(header));
    log::crc32c crc;
    crc.add(base::bytes(bytes).subspan(at, header.size));
    header.crc32c = crc.value();
    std::memcpy(bytes.data() + at, &header, sizeof(header));
    at += header.size;
  }
}

void set_crc(std::vector<std::uint8_t>& bytes, std::size_t at, base::bytes of) {
  log::crc32c crc;
  crc.add(of);
  const auto value = crc.value();
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

// A topics file whose CRCs are right.
std::vector<std::uint8_t> with_part_crcs(std::vector<std::uint8_t> bytes) {
  if (bytes.size() >= log::topics_head_bytes) set_crc(bytes, 36, base::bytes(bytes).first(36));
  const auto head = log::decode_topics_head(bytes);
  if (!head || head->size != bytes.size()) return bytes;
  for (auto at = log::lists_range(*head).position; bytes.size() - at >= 16;) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + at + 4, sizeof(size));
    if (size < 16 || size > bytes.size() - at) break;
    set_crc(bytes, at, base::bytes(bytes).subspan(at + 4, size - 4));
    at += size;
  }
  return bytes;
}

// All lists of a topics file, and those of one topic.
void read_topics(const std::vector<std::uint8_t>& data_without_crcs) {
  const auto bytes = with_part_crcs(data_without_crcs);
  const auto head = log::decode_topics_head(bytes);
  if (!head || head->size != bytes.size()) return;
  const auto range = log::lists_range(*head);
  std::vector<log::topic_list> lists;
  auto data = base::bytes(bytes).subspan(range.position, range.size);
  for (std::uint32_t part = 0; !data.empty(); ++part) {
    if (!log::decode_part(data, part, lists)) return;
  }
  for (const auto& list : lists) {
    for (const auto name : list.names) require(name.empty() || name.data() >= base::as_text(bytes).data());
    const auto entry = log::directory_range(*head, list.hash);
    (void)log::decode_directory(*head, base::bytes(bytes).subspan(entry.position, entry.size));
  }
}

// A record alone, with the CRC that its bytes have: then they are not refused for it.
void read_alone(const log::opened_topics& opened, base::bytes bytes, log::topic_entry entry) {
  record::record_header header;
  if (entry.position <= bytes.size() && bytes.size() - entry.position >= sizeof(header)) {
    std::memcpy(&header, bytes.data() + entry.position, sizeof(header));
    log::crc32c crc;
    crc.add(bytes.subspan(entry.position).first(std::min<std::size_t>(header.size, bytes.size() - entry.position)));
    entry.crc32c = crc.value();
  }
  log::likely_size likely;
  likely.add(entry.time_delta_ms);
  likely.add(entry.time_delta_ms);
  const auto read = log::read_lone_record(*opened.data, opened.segment, entry, log::waiting::allowed, likely);
  if (!read) return;
  auto& batch = read->header();
  require(batch.count == 1 && batch.size <= read->memory->capacity);
  record::for_each_record(batch, [&](const record::record_header& record) {
    require(record.topic().size() + record.properties().size() + record.payload().size() <= batch.size);
  });
}

// The same bytes as a topics file and as its segment, as one reads them who looks for a topic.
void look_up_topics(const std::vector<std::uint8_t>& bytes) {
  const auto head = log::decode_topics_head(bytes);
  if (!head || head->size != bytes.size()) return;
  tests::fake_disk disk;
  for (const auto& name : {log::topics_name(log::offset{0}), log::log_name(log::offset{0})}) {
    (disk.names[name] = std::make_shared<tests::fake_disk::content>())->bytes = bytes;
  }
  const auto directory = disk.open();
  const log::segment_summary segment{1, log::offset{0}, log::offset{1U << 20U}, bytes.size(), 0, 0};
  const auto opened = log::open_topics(*directory, segment);
  require(static_cast<bool>(opened));
  const log::topic_search::predicate all = [](std::string_view) { return true; };
  log::topic_search search(*opened, all);
  for (int steps = 0;; ++steps) {
    require(steps < 100);
    const auto done = search.step();
    if (!done || *done) break;
  }
  for (const auto& entry : search.found().entries) {
    read_alone(*opened, bytes, entry);
    (void)log::walk_chain(*opened->data, 0, entry.position, 0, 100, log::waiting::allowed);
  }
  for (std::size_t at = 0; at + 8 <= bytes.size() && at < 1024; at += 8) {
    std::uint64_t hash = 0;
    std::memcpy(&hash, bytes.data() + at, sizeof(hash));
    const auto found = log::look_up_topic(*opened, hash, bytes.size(), log::waiting::allowed);
    if (!found) continue;
    for (const auto& entry : found->entries) read_alone(*opened, bytes, entry);
  }
}

std::vector<std::uint64_t> read_all(log::segmented_log& log, tests::manual_background& slow, base::mailbox& letters) {
  std::vector<std::uint64_t> places;
  for (auto from = log.start();;) {
    const auto read = log.read(from);
    if (read.later) {
      slow.run_all();
      letters.run_all();
      continue;
    }
    if (!read.batch) return places;
    auto& header = read.batch.header();
    require(header.base_offset + header.count > from.value);
    record::for_each_record(header, [&](const auto& record) {
      require(record.topic().size() + record.properties().size() + record.payload().size() <= header.size);
      places.push_back(header.base_offset + record.offset_delta);
    });
    from = log::offset{header.base_offset + header.count};
  }
}

// Nothing when it is refused.
std::optional<std::vector<std::uint64_t>> live(tests::fake_disk& disk) {
  tests::manual_background slow;
  no_waker waker;
  base::mailbox letters(waker);
  no_lines lines;
  auto directory = disk.open();
  auto recovered = log::recover(*directory, 77);
  if (!recovered) return std::nullopt;
  log::segmented_log log(std::move(directory), std::move(*recovered), {.retention = {}, .tail_bytes = 1},
                         {slow, letters, lines, "0"});
  slow.run_all();
  letters.run_all();
  auto places = read_all(log, slow, letters);
  require(std::is_sorted(places.begin(), places.end()));
  require(places.empty() || places.back() < log.end().value);
  return places;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  tests::fake_disk disk;
  const std::vector<std::uint8_t> bytes(data + 1, data + size);
  const auto put = [&](const std::string& name) -> std::vector<std::uint8_t>& {
    auto& content = disk.names[name] = std::make_shared<tests::fake_disk::content>();
    return content->bytes = bytes;
  };
  switch (data[0] % 5) {
    case 0:
      set_batch_crcs(put(log::log_name(log::offset{0})));
      break;
    case 1:
      set_batch_crcs(put(std::string(log::spare_name)));
      break;
    case 2: {
      const auto split = bytes.size() / 256 * (bytes.empty() ? 0 : bytes[0]);
      auto& segment = put(log::log_name(log::offset{0}));
      segment.erase(segment.begin(), segment.begin() + static_cast<std::ptrdiff_t>(split));
      set_batch_crcs(segment);
      auto& index = put(log::index_name(log::offset{0}));
      index.resize(split);
      if (!index.empty()) index.erase(index.begin());
      if (index.size() >= 12) set_crc(index, 8, base::bytes(index).subspan(12));
      break;
    }
    case 3: {
      auto& identity = put(log::identity_name);
      if (identity.size() >= 40) set_crc(identity, 36, base::bytes(identity).first(36));
      break;
    }
    case 4:
      read_topics(bytes);
      look_up_topics(with_part_crcs(bytes));
      return 0;
  }
  const auto first = live(disk);
  if (!first) return 0;
  const auto second = live(disk);
  require(second.has_value());
  require(*second == *first);
  return 0;
}
