#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/limits.hpp"

namespace headgate::proxy::gateway {

// What was asked: whether a client may publish to a topic, or be shown its messages.
enum class right : std::uint8_t { write, read };

// What the authoriser said of clients and topics, so that it is not asked for each message. A verdict is found by its
// client, its topic and the version of the rules, and never given for another topic: topics with equal hashes can be
// made, so the text is compared, too. Topics too long to stand in an entry are not kept. One thread.
class rights_cache {
 public:
  static constexpr std::size_t longest_topic = 105;

  rights_cache();

  // Nothing: it is not known.
  std::optional<bool> find(base::client_ref client, std::string_view topic, std::uint64_t topic_hash,
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
  void keep(base::client_ref client, std::string_view topic, std::uint64_t topic_hash, std::uint32_t version,
            right right, bool verdict);

 private:
  // Two cache lines; most topics need the first alone.
  struct alignas(64) entry {
    std::uint64_t topic_hash = 0;
    base::client_ref client;
    std::uint32_t version = 0;
    std::uint8_t known = 0;    // a bit for each right
    std::uint8_t allowed = 0;  // the same
    std::uint8_t size = 0;     // of the topic; 0: the entry is free
    std::array<char, longest_topic> text{};
  };
  static_assert(sizeof(entry) == 128);

  static constexpr std::size_t ways = 2;
  static_assert(std::has_single_bit(base::rights_cache_entries));

  static std::uint8_t bit_of(right right) { return right == right::write ? 1 : 2; }
  static bool is(const entry& entry, base::client_ref client, std::string_view topic, std::uint64_t topic_hash,
                 std::uint32_t version) {
    return entry.topic_hash == topic_hash && entry.client == client && entry.version == version &&
           entry.size == topic.size() && std::memcmp(entry.text.data(), topic.data(), topic.size()) == 0;
  }
  static std::size_t set_of(base::client_ref client, std::uint64_t topic_hash) {
    // Fibonacci hashing: clients are numbered one after the other.
    const auto mixed = topic_hash ^ (client.index * 0x9e37'79b9'7f4a'7c15ULL);
    return ((mixed ^ mixed >> 32) & (base::rights_cache_entries / ways - 1)) * ways;
  }

  std::vector<entry> entries_;  // sets of two
  std::uint32_t turn_ = 0;      // whose turn it is to go, where both are in use
};

}  // namespace headgate::proxy::gateway
