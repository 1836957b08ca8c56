#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

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
                           std::uint32_t version, right right) const;
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

  static bool is(const entry& entry, base::client_ref client, std::string_view topic, std::uint64_t topic_hash,
                 std::uint32_t version);
  std::size_t set_of(base::client_ref client, std::uint64_t topic_hash) const;

  std::vector<entry> entries_;  // sets of two
  std::uint32_t turn_ = 0;      // whose turn it is to go, where both are in use
};

}  // namespace headgate::proxy::gateway
