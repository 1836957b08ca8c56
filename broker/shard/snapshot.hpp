#pragma once

#include <string>

#include "base/bytes.hpp"
#include "broker/shard/exchange_set.hpp"

namespace headgate::broker::shard {

// What a shard knows beside its log, as a record's payload (FORMAT.md).
std::string encode_snapshot(const exchange_set& exchanges);
// False, and nothing is in the set: these bytes are no snapshot, or one of a version that we do not know. Trusts
// nothing.
[[nodiscard]] bool decode_snapshot(base::bytes data, exchange_set& exchanges);

}  // namespace headgate::broker::shard
