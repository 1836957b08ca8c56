#include "proxy/gateway/rights_cache.hpp"

#include <bit>
#include <cstring>

#include "base/limits.hpp"

namespace headgate::proxy::gateway {

namespace {

constexpr std::size_t ways = 2;
static_assert(std::has_single_bit(base::rights_cache_entries));

std::uint8_t bit_of(right right) {
  return right == right::write ? 1 : 2;
}

}  // namespace

rights_cache::rights_cache() : entries_(base::rights_cache_entries) {}

std::optional<bool> rights_cache::find(base::client_ref client, std::string_view topic, std::uint64_t topic_hash,
                                       std::uint32_t version, right right) const {
  const auto* set = &entries_[set_of(client, topic_hash)];
  for (std::size_t way = 0; way < ways; ++way) {
    const auto& entry = set[way];
    if (!is(entry, client, topic, topic_hash, version)) continue;
    if ((entry.known & bit_of(right)) == 0) return std::nullopt;
    return (entry.allowed & bit_of(right)) != 0;
  }
  return std::nullopt;
}

void rights_cache::keep(base::client_ref client, std::string_view topic, std::uint64_t topic_hash,
                        std::uint32_t version, right right, bool verdict) {
  if (topic.empty() || topic.size() > longest_topic) return;
  auto* set = &entries_[set_of(client, topic_hash)];
  // Its own entry, else one that nobody will ask for again, else either in turn.
  auto* place = &set[++turn_ % ways];
  for (std::size_t way = 0; way < ways; ++way) {
    if (set[way].size == 0 || set[way].version != version) place = &set[way];
  }
  for (std::size_t way = 0; way < ways; ++way) {
    if (is(set[way], client, topic, topic_hash, version)) place = &set[way];
  }
  if (!is(*place, client, topic, topic_hash, version)) {
    *place = {};
    place->topic_hash = topic_hash;
    place->client = client;
    place->version = version;
    place->size = static_cast<std::uint8_t>(topic.size());
    std::memcpy(place->text.data(), topic.data(), topic.size());
  }
  const auto bit = bit_of(right);
  place->known = static_cast<std::uint8_t>(place->known | bit);
  place->allowed = static_cast<std::uint8_t>(verdict ? place->allowed | bit : place->allowed & ~bit);
}

bool rights_cache::is(const entry& entry, base::client_ref client, std::string_view topic, std::uint64_t topic_hash,
                      std::uint32_t version) {
  return entry.topic_hash == topic_hash && entry.client == client && entry.version == version && entry.size != 0 &&
         std::string_view(entry.text.data(), entry.size) == topic;
}

std::size_t rights_cache::set_of(base::client_ref client, std::uint64_t topic_hash) const {
  // Fibonacci hashing: clients are numbered one after the other.
  const auto mixed = topic_hash ^ (client.index * 0x9e37'79b9'7f4a'7c15ULL);
  const auto sets = entries_.size() / ways;
  return ((mixed ^ mixed >> 32) & (sets - 1)) * ways;
}

}  // namespace headgate::proxy::gateway
