#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/compact_string.hpp"
#include "base/hash_index.hpp"
#include "base/limits.hpp"
#include "base/one_or_many.hpp"
#include "base/prefetch.hpp"
#include "base/ring_queue.hpp"
#include "base/slab.hpp"
#include "mqtt/types.hpp"

namespace headgate::proxy::gateway {

// What a session was granted for one filter (MQTT 5.0, 3.8.3.1).
struct subscription_options {
  std::uint32_t identifier = 0;  // Subscription Identifier; 0: none
  mqtt::qos maximum_qos{};
  bool no_local = false;
  bool retain_as_published = false;
};

// One session's part in a filter. While pending it gets nothing: its shards have not all answered yet.
struct subscriber {
  std::uint32_t session = 0;
  std::uint32_t identifier = 0;
  mqtt::qos maximum_qos{};
  bool no_local : 1 = false;
  bool retain_as_published : 1 = false;
  bool pending : 1 = true;
  bool checked : 1 = true;  // the session may not read all that the filter matches: each message is asked for

  void set(const subscription_options& options) {
    identifier = options.identifier;
    maximum_qos = options.maximum_qos;
    no_local = options.no_local;
    retain_as_published = options.retain_as_published;
  }
};
static_assert(sizeof(subscriber) == 12);

// One distinct filter of this worker's clients and who holds it: one cache line.
struct alignas(64) filter_entry {
  base::compact_string text;
  std::uint64_t hash = 0;
  base::one_or_many<subscriber> subscribers;
  std::uint16_t unconfirmed = 0;  // shards that still have to forget it
  bool shared : 1 = false;        // of the form $share/{name}/{filter}
  bool credit_due : 1 = false;    // the shards are to be told how much its members can take
  bool asks_anew : 1 = false;     // of a shared one: with that, that its members may take what was refused before
  std::uint32_t next_member = 0;  // of a shared one: whose turn it is
};
static_assert(sizeof(filter_entry) == base::filter_bytes);

// The worker's filters by number (what shards send back) and by text. A number is free again only after the shards
// confirmed that they forgot it; the one that is free the longest is used first. One thread.
class filter_table {
 public:
  static constexpr std::uint32_t none = base::hash_index::none;

  filter_entry& operator[](std::uint32_t id) { return entries_[id]; }
  const filter_entry& operator[](std::uint32_t id) const { return entries_[id]; }
  void prefetch(std::uint32_t id) const { base::prefetch(&entries_[id]); }

  std::uint32_t find(std::string_view text);
  std::uint32_t insert(std::string_view text);
  // Nobody holds it: it is no longer found by its text. Its number and text stay until release().
  void hide(std::uint32_t id);
  void release(std::uint32_t id);

  std::size_t size() const { return index_.size(); }
  // Numbers are below it.
  std::uint32_t places() const { return entries_.size(); }

 private:
  base::hash_index index_;
  base::slab<filter_entry> entries_;
  base::ring_queue<std::uint32_t> free_;
};

}  // namespace headgate::proxy::gateway
