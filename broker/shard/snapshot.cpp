#include "broker/shard/snapshot.hpp"

#include <cstring>
#include <utility>

namespace headgate::broker::shard {

namespace {

constexpr std::uint64_t snapshot_version = 2;
constexpr std::uint64_t version_without_groups = 1;

struct stored_exchange {
  record::exchange exchange;
  std::uint64_t place = 0;
};
static_assert(sizeof(stored_exchange) == 24);

template <class T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
T read(base::bytes data, std::size_t at) {
  T value;
  std::memcpy(&value, data.data() + at, sizeof(value));
  return value;
}

}  // namespace

std::string encode_snapshot(const exchange_set& exchanges, const std::vector<stored_group>& groups) {
  std::string out;
  out.reserve(2 * sizeof(std::uint64_t) + exchanges.size() * sizeof(stored_exchange));
  append(out, snapshot_version);
  append(out, std::uint64_t{exchanges.size()});
  exchanges.for_each([&](const auto& exchange, auto place) { append(out, stored_exchange{exchange, place.value}); });
  append_groups(out, groups);
  return out;
}

bool decode_snapshot(base::bytes data, exchange_set& exchanges, std::vector<stored_group>& groups) {
  exchanges.clear();
  groups.clear();
  constexpr auto head = 2 * sizeof(std::uint64_t);
  if (data.size() < head) return false;
  const auto version = read<std::uint64_t>(data, 0);
  if (version != snapshot_version && version != version_without_groups) return false;
  const auto count = read<std::uint64_t>(data, sizeof(std::uint64_t));
  if (count > (data.size() - head) / sizeof(stored_exchange)) return false;
  const auto end = head + count * sizeof(stored_exchange);
  if (version == version_without_groups && end != data.size()) return false;
  auto stored_groups = decode_groups(data.subspan(end));
  if (!stored_groups) return false;
  groups = std::move(*stored_groups);
  for (auto at = head; at < end; at += sizeof(stored_exchange)) {
    const auto stored = read<stored_exchange>(data, at);
    exchanges.insert(stored.exchange, record::offset{stored.place});
  }
  return true;
}

}  // namespace headgate::broker::shard
