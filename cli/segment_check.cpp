#include "cli/segment_check.hpp"

#include <exception>
#include <span>

#include "broker/log/stored_batch.hpp"
#include "broker/log/topics_file.hpp"
#include "cli/log_words.hpp"

namespace headgate::cli {

namespace log = broker::log;
namespace record = broker::record;

namespace {

std::string bytes_text(std::uint64_t begin, std::uint64_t end) {
  return "bytes " + std::to_string(begin) + " to " + std::to_string(end) + " (" + size_text(end - begin) + ")";
}

std::string offsets_text(std::uint64_t begin, std::uint64_t end) {
  if (end == begin + 1) return "the record of offset " + std::to_string(begin) + " is";
  return "the records of offsets " + std::to_string(begin) + " to " + std::to_string(end - 1) + " are";
}

// Follows the batches of a segment, each of which is to begin where the one before it ends.
class batch_follower {
 public:
  batch_follower(const stored_segment& segment, segment_check& found)
      : segment_(segment), found_(found), offset_(segment.first.value) {}

  void add(const record::batch_header& batch, std::uint64_t position) {
    if (position != position_ || batch.base_offset != offset_) say_gap(position, batch.base_offset);
    check_index(batch, position);
    ++found_.batches;
    found_.records += batch.count;
    found_.bytes += batch.size;
    record::for_each_record(const_cast<record::batch_header&>(batch),
                            [&](const record::record_header& record) { messages_ += record.is_message() ? 1 : 0; });
    position_ = position + batch.size;
    offset_ = batch.base_offset + batch.count;
  }

  // Nothing comes behind.
  void end() {
    if (segment_.is_sealed()) return end_of_sealed();
    if (segment_.file_bytes <= position_) return;
    if (!segment_.is_last) {
      found_.damage.push_back(bytes_text(position_, segment_.file_bytes) + ", to the end of the file, are damaged");
      return;
    }
    found_.remarks.push_back(bytes_text(position_, segment_.file_bytes) +
                             " are no whole batch: a server is writing them, or was killed then, and the next start "
                             "cuts them off; nobody was told that they are safe");
  }

  std::uint64_t messages() const { return messages_; }

 private:
  void say_gap(std::uint64_t position, std::uint64_t offset) {
    auto text = position > position_ ? bytes_text(position_, position) + " are damaged"
                                     : "at byte " + std::to_string(position) + " something is missing";
    if (offset > offset_) text += ": " + offsets_text(offset_, offset) + " lost";
    found_.damage.push_back(std::move(text));
  }

  void end_of_sealed() {
    const auto& known = segment_.index->segment;
    if (position_ < known.size) {
      auto text = segment_.file_bytes < known.size
                      ? "the file ends at byte " + std::to_string(segment_.file_bytes) + " and should have " +
                            std::to_string(known.size) + ", of which " + bytes_text(position_, known.size) +
                            " are not there, or damaged"
                      : bytes_text(position_, known.size) + " are damaged";
      if (known.end.value > offset_) text += ": " + offsets_text(offset_, known.end.value) + " lost";
      found_.damage.push_back(std::move(text));
    }
    if (segment_.file_bytes > known.size) {
      found_.remarks.push_back(bytes_text(known.size, segment_.file_bytes) + " behind its end are read by nobody");
    }
    if (wrong_entries_ > 0) {
      found_.damage.push_back("its index names " + count_text(wrong_entries_, "place") +
                              " where there is no batch: remove " + log::index_name(segment_.first) +
                              " while the server is stopped, and the next start makes it again");
    }
  }

  void check_index(const record::batch_header& batch, std::uint64_t position) {
    if (!segment_.is_sealed()) return;
    const auto& entries = segment_.index->entries;
    for (; entry_ < entries.size() && entries[entry_].position <= position; ++entry_) {
      const bool is_there = entries[entry_].position == position && entries[entry_].offset == batch.base_offset;
      // Behind what is damaged it is no wonder.
      if (!is_there && found_.damage.empty()) ++wrong_entries_;
    }
  }

  const stored_segment& segment_;
  segment_check& found_;
  std::uint64_t position_ = 0;
  std::uint64_t offset_;
  std::uint64_t messages_ = 0;
  std::size_t entry_ = 0;
  std::uint64_t wrong_entries_ = 0;
};

// The directory has no checksum, for it is checked by where it leads.
bool directory_leads_to(base::bytes file, const log::topics_head& head, std::uint32_t part, log::topics_range place) {
  const auto at = log::topics_head_bytes + std::size_t{part} * sizeof(std::uint64_t);
  if (at + 2 * sizeof(std::uint64_t) > log::lists_range(head).position) return false;
  const auto found = log::decode_directory(head, file.subspan(at, 2 * sizeof(std::uint64_t)));
  return found && found->position == place.position && found->size == place.size;
}

// How many records all lists of a topics file have; an error when its checksums are wrong.
log::result<std::uint64_t> count_entries(log::file& file) {
  const auto size = file.size();
  if (!size) return size.error();
  std::vector<std::uint8_t> data(*size);
  const auto got = file.read(0, data, log::waiting::allowed);
  if (!got) return got.error();
  const auto whole = base::bytes(data).first(*got);
  const auto head = log::decode_topics_head(whole);
  if (!head) return head.error();
  if (head->size != whole.size()) return log::errc::damaged;
  const auto range = log::lists_range(*head);
  auto left = whole.subspan(range.position, range.size);
  std::uint64_t entries = 0;
  std::uint64_t hashes = 0;
  for (std::uint32_t part = 0; !left.empty(); ++part) {
    const log::topics_range place{whole.size() - left.size(), left.size()};
    std::vector<log::topic_list> lists;
    if (const auto decoded = log::decode_part(left, part, lists); !decoded) return decoded.error();
    if (!directory_leads_to(whole, *head, part, {place.position, place.size - left.size()})) return log::errc::damaged;
    for (const auto& list : lists) entries += list.entries.size();
    hashes += lists.size();
  }
  if (hashes != head->hashes) return log::errc::damaged;
  return entries;
}

void check_topics(const stored_log& stored, const stored_segment& segment, std::uint64_t messages,
                  segment_check& found) {
  if (!segment.is_sealed()) return;
  const auto name = log::topics_name(segment.first);
  const auto file = stored.open(name);
  if (!file) {
    found.remarks.push_back("it has no " + name + ": who looks for a topic reads it through");
    return;
  }
  const auto entries = count_entries(*file);
  if (entries && (*entries == messages || !found.damage.empty())) return;
  const auto what = entries
                        ? "names " + count_text(*entries, "record") + ", and the segment has " + digits_text(messages)
                        : "cannot be read: " + std::string(log::explain(entries.error()));
  found.damage.push_back(name + " " + what + "; remove it and " + log::index_name(segment.first) +
                         " while the server is stopped, and the next start makes both again");
}

// Of a log that nobody writes to an index is not there or whole; of another one it may be half of one.
void check_index_file(const stored_log& stored, const stored_segment& segment, segment_check& found) {
  if (!segment.index_error) return;
  const auto name = log::index_name(segment.first);
  const bool is_closed = stored.identity() && stored.identity()->closed;
  const bool may_come =
      *segment.index_error == log::errc::not_found || (*segment.index_error == log::errc::too_small && !is_closed);
  if (!may_come) {
    found.damage.push_back(name + " cannot be read: " + std::string(log::explain(*segment.index_error)) +
                           "; the next start makes it again");
  } else if (!segment.is_last) {
    found.remarks.push_back("it has no " + name + " yet: the server is about to write it, or the next start does");
  }
}

}  // namespace

segment_check check_segment(const stored_log& stored, const stored_segment& segment) {
  segment_check found;
  batch_follower follower(segment, found);
  check_index_file(stored, segment, found);
  try {
    const bool was_there =
        stored.visit(segment, log::damage::is_skipped, [&](const auto& batch, std::uint64_t position) {
          follower.add(batch, position);
          return true;
        });
    if (!was_there) {
      found.remarks.emplace_back("retention has taken it meanwhile");
      return found;
    }
  } catch (const std::exception& error) {
    found.damage.emplace_back(error.what());
    return found;
  }
  follower.end();
  check_topics(stored, segment, follower.messages(), found);
  return found;
}

}  // namespace headgate::cli
