#pragma once

#include <cstdint>
#include <string_view>

namespace headgate::base {

// XXH3-64 with seed 0 (xxHash). The same on every machine and for life: slots and records depend on it.
std::uint64_t hash_of(std::string_view text);

}  // namespace headgate::base
