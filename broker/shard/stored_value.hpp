#pragma once

#include <bit>
#include <cstring>
#include <string>

#include "base/bytes.hpp"

// Values in the shard's own records, as they stand in memory: little-endian, without padding (FORMAT.md).
namespace headgate::broker::shard {

static_assert(std::endian::native == std::endian::little);

template <class T>
void append_value(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// The caller has looked whether so much is there.
template <class T>
T value_at(base::bytes data, std::size_t at) {
  T value;
  std::memcpy(&value, data.data() + at, sizeof(value));
  return value;
}

}  // namespace headgate::broker::shard
