#include "broker/retained/open_shards.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "broker/retained/keys.hpp"

namespace headgate::broker::retained {
namespace {

using problem = std::optional<std::string>;

problem check_format(rocks& store, const std::string& directory) {
  std::string format;
  const auto found = store.read(format_key, format);
  if (found == rocks::found::failed) return store.damaged();
  if (found == rocks::found::yes) {
    if (format == format_value) return std::nullopt;
    return "the retained messages in " + directory +
           " were written by another version of Headgate, which this one does not know. Use that version, or move the "
           "directory away: Headgate then takes from the log the retained messages that it still has.";
  }
  if (store.has_any_key()) {
    return "the directory " + directory +
           " holds a database of another program. Set data_dir to a directory of Headgate's own.";
  }
  changes first;
  first.put(format_key, format_value);
  if (store.write(first)) return std::nullopt;
  return "the retained messages in " + directory + " cannot be written (" + store.problem() +
         "). Headgate needs to write to this directory, and room on its disk.";
}

problem read_shards(rocks& store, const base::keyed_hash& hash, opened_shards& opened) {
  auto at = store.walk(key_kind::shard, true);
  for (bool more = at.seek({}); more; more = at.next()) {
    const auto stored = decode_shard(at.value());
    // Whose numbers they are nobody could say any more.
    if (!stored) {
      return "the retained messages are damaged (what is stored of the shard " + std::string(at.rest()) +
             " cannot be read). Restore their directory from a backup, or move it away: Headgate then takes from the "
             "log the retained messages that it still has.";
    }
    opened.next_number = std::max(opened.next_number, stored->number + 1);
    opened.by_name.emplace(at.rest(), opened_shard{*stored, stored_topics(hash)});
  }
  if (at.failed()) return store.damaged();
  return std::nullopt;
}

problem read_topics(rocks& store, opened_shards& opened) {
  std::map<std::uint32_t, stored_topics*> by_number;
  for (auto& [name, shard] : opened.by_name) by_number[shard.stored.number] = &shard.topics;
  auto at = store.walk(key_kind::topic, true);
  stored_topics* topics = nullptr;
  std::uint32_t number = 0;
  for (bool more = at.seek({}); more; more = at.next()) {
    const auto place = place_of_topic_key(at.key());
    if (!place) continue;
    if (place->number != number) {
      number = place->number;
      const auto found = by_number.find(number);
      topics = found == by_number.end() ? nullptr : found->second;
    }
    if (topics != nullptr) topics->insert(place->topic);
  }
  if (at.failed()) return store.damaged();
  return std::nullopt;
}

}  // namespace

base::result<opened_shards, std::string> open_shards(const rocks::options& options, const base::keyed_hash& hash) {
  auto store = rocks::open(options);
  if (!store) return store.error();
  opened_shards opened;
  opened.store = std::move(*store);
  if (auto wrong = check_format(*opened.store, options.directory)) return *wrong;
  if (auto wrong = read_shards(*opened.store, hash, opened)) return *wrong;
  if (auto wrong = read_topics(*opened.store, opened)) return *wrong;
  return opened;
}

}  // namespace headgate::broker::retained
