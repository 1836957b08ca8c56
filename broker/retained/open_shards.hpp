#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/keyed_hash.hpp"
#include "base/result.hpp"
#include "broker/retained/rocks.hpp"
#include "broker/retained/stored_topics.hpp"
#include "broker/retained/stored_value.hpp"

namespace headgate::broker::retained {

// What was found of one shard.
struct opened_shard {
  stored_shard stored;
  stored_topics topics;
};
struct opened_shards {
  std::unique_ptr<rocks> store;
  std::map<std::string, opened_shard> by_name;
  std::uint32_t next_number = 1;
};
// Opens the database, or makes it, and reads all keys of topics once, not their values. Or a sentence that says what is
// wrong and what to do. The hash lives as long as what is returned.
base::result<opened_shards, std::string> open_shards(const rocks::options& options, const base::keyed_hash& hash);

}  // namespace headgate::broker::retained
