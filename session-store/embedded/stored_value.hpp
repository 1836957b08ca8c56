#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "base/bytes.hpp"
#include "session-store/session_record.hpp"
#include "session-store/session_store.hpp"

namespace headgate::session_store::embedded {

inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t nobodys_life = 0;

// What stands under the key of a session: everything but its will, so that a save writes the record alone. Encoded as
// FORMAT.md says.
//
// A life is one opening of the database, from 1. The times of a session that nobody holds are milliseconds since 1970.
// Those of a held one count from the end of the life in which it was claimed: should the process die, they mean what
// they would mean if all its sessions had been released when the next life began, and nothing has to be written for it.
struct stored_value {
  std::uint64_t epoch = 0;
  std::uint64_t user = 0;             // that the session is bound to; 0: to none
  std::uint64_t life = nobodys_life;  // in which it is held
  std::uint64_t ends_ms = never;
  std::uint64_t will_ms = never;  // only with a will
  bool has_will = false;          // under a key of its own
  bool saved = false;             // there is a record, which may be empty; without: the claim alone was written
  std::string record;

  // When a sweep has to look at it, in its own measure.
  std::uint64_t due_ms() const { return has_will ? std::min(ends_ms, will_ms) : ends_ms; }
  friend bool operator==(const stored_value&, const stored_value&) = default;
};

// The times of an afterlife, counted from `from_ms`.
void set_times(stored_value& value, std::uint32_t expiry_s, bool has_will, std::uint32_t will_s, std::uint64_t from_ms);

std::string encode(const stored_value& value);
// Trusts nothing: any bytes give a value or an error.
result<stored_value> decode_stored_value(base::bytes data);

// When a life ended; 0: it has not.
std::string encode_life(std::uint64_t ended_ms);
result<std::uint64_t> decode_life(base::bytes data);

}  // namespace headgate::session_store::embedded
