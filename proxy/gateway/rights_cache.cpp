#include "proxy/gateway/rights_cache.hpp"

#include <cstring>

namespace headgate::proxy::gateway {

rights_cache::rights_cache() : entries_(base::rights_cache_entries) {}

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

}  // namespace headgate::proxy::gateway
