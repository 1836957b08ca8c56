#include "broker/shard/group_record.hpp"

#include "base/byte_cursor.hpp"
#include "broker/shard/stored_value.hpp"

namespace headgate::broker::shard {

namespace {

constexpr std::size_t max_text_bytes = 65'535;
constexpr std::size_t record_bytes = 1024 * 1024;

// The fixed part of a group, behind which its text and its offsets stand.
struct group_head {
  std::uint64_t lingers_until_ms = 0;
  std::uint64_t next = 0;
  std::uint32_t expiry_s = 0;
  std::uint32_t text_size = 0;
  std::uint64_t undone = 0;
};
static_assert(sizeof(group_head) == 32);

// The caller has looked whether so much is left.
template <class T>
T read(base::byte_cursor& in) {
  return value_at<T>(in.read_bytes(sizeof(T)), 0);
}

std::optional<stored_group> read_group(base::byte_cursor& in) {
  if (in.remaining() < sizeof(group_head)) return std::nullopt;
  const auto head = read<group_head>(in);
  if (head.text_size == 0 || head.text_size > max_text_bytes || head.text_size > in.remaining()) return std::nullopt;
  stored_group group{std::string(base::as_text(in.read_bytes(head.text_size))),
                     head.expiry_s,
                     head.lingers_until_ms,
                     record::offset{head.next},
                     {}};
  if (head.undone > in.remaining() / sizeof(std::uint64_t)) return std::nullopt;
  group.undone.reserve(head.undone);
  for (auto left = head.undone; left > 0; --left) {
    const record::offset place{read<std::uint64_t>(in)};
    const bool ascends = group.undone.empty() || group.undone.back() < place;
    if (!ascends || place >= group.next) return std::nullopt;
    group.undone.push_back(place);
  }
  return group;
}

}  // namespace

std::vector<std::string> encode_groups(const std::vector<stored_group>& groups) {
  std::vector<std::string> payloads;
  for (const auto& group : groups) {
    if (payloads.empty() || payloads.back().size() >= record_bytes) payloads.emplace_back();
    auto& out = payloads.back();
    append_value(out, group_head{group.lingers_until_ms, group.next.value, group.expiry_s,
                                 static_cast<std::uint32_t>(group.text.size()), group.undone.size()});
    out += group.text;
    for (const auto place : group.undone) append_value(out, place.value);
  }
  return payloads;
}

std::optional<std::vector<stored_group>> decode_groups(base::bytes data) {
  base::byte_cursor in(data);
  std::vector<stored_group> groups;
  while (!in.empty()) {
    auto group = read_group(in);
    if (!group) return std::nullopt;
    groups.push_back(std::move(*group));
  }
  return groups;
}

}  // namespace headgate::broker::shard
