#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "broker/shard/exchange_set.hpp"
#include "broker/shard/group_record.hpp"

namespace headgate::broker::shard {

// What a shard knows beside its log, as a record's payload (FORMAT.md).
std::string encode_snapshot(const exchange_set& exchanges, const std::vector<stored_group>& groups);
// False, and nothing is there: these bytes are no snapshot, or one of a version that we do not know. Trusts nothing.
[[nodiscard]] bool decode_snapshot(base::bytes data, exchange_set& exchanges, std::vector<stored_group>& groups);

}  // namespace headgate::broker::shard
