#include "broker/shard/snapshot.hpp"

#include "broker/shard/stored_value.hpp"

namespace headgate::broker::shard {

namespace {

constexpr std::uint64_t snapshot_version = 1;

struct stored_exchange {
  record::exchange exchange;
  std::uint64_t place = 0;
};
static_assert(sizeof(stored_exchange) == 24);

}  // namespace

std::string encode_snapshot(const exchange_set& exchanges) {
  std::string out;
  out.reserve(2 * sizeof(std::uint64_t) + exchanges.size() * sizeof(stored_exchange));
  append_value(out, snapshot_version);
  append_value(out, std::uint64_t{exchanges.size()});
  exchanges.for_each([&](const auto& exchange, auto place) {
    append_value(out, stored_exchange{exchange, place.value});
  });
  return out;
}

bool decode_snapshot(base::bytes data, exchange_set& exchanges) {
  exchanges.clear();
  constexpr auto head = 2 * sizeof(std::uint64_t);
  if (data.size() < head || value_at<std::uint64_t>(data, 0) != snapshot_version) return false;
  const auto count = value_at<std::uint64_t>(data, sizeof(std::uint64_t));
  if ((data.size() - head) % sizeof(stored_exchange) != 0 || count != (data.size() - head) / sizeof(stored_exchange)) {
    return false;
  }
  for (auto at = head; at < data.size(); at += sizeof(stored_exchange)) {
    const auto stored = value_at<stored_exchange>(data, at);
    exchanges.insert(stored.exchange, record::offset{stored.place});
  }
  return true;
}

}  // namespace headgate::broker::shard
