#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "session-store/embedded/stored_value.hpp"
#include "session-store/session_store.hpp"

namespace headgate::session_store::embedded {

// What the store thread does for an engine. An engine has one job at a time about one client id, so no job needs to see
// what others of its batch have changed. What a job finds is told in the structure below it.

// A claim of a session that is, or may be, stored.
struct take_job {
  std::string client_id;
  bool by_force = false;  // from an owner whose process lives; otherwise nobody holds it
  bool discard = false;
  std::uint64_t user = 0;
  std::uint64_t epoch = 0;  // the new one, if nothing is stored
  std::uint64_t now_ms = 0;
  headgate::session_store::afterlife afterlife;
};
struct taken {
  claimed::outcome what = claimed::outcome::granted;  // granted, of_another_user or unavailable
  bool found = false;                                 // before
  bool stored = false;                                // afterwards; this and all below only if granted
  std::uint64_t epoch = 0;
  bool present = false;
  bool given_back = true;
  std::string record;
  std::string will;
  bool will_is_due = false;
  std::uint32_t will_in_s = 0;
  std::uint64_t will_number = 0;
};

// The session is from now on as `value` says.
struct put_job {
  std::string client_id;
  stored_value value;
  std::optional<std::string> will;       // nothing: stays as it is
  std::optional<std::uint64_t> was_due;  // in this life; nothing: it was not stored, or its due time stays
  bool is_claim = false;                 // is answered at once if the store is away, everything else waits
  bool due_stays = false;                // a save: only the record is new
};
struct erase_job {
  std::string client_id;
  std::uint64_t was_due = never;  // in this life
  bool had_will = false;
};
struct written {
  bool done = true;  // false: a claim came while the store is away
};

// Is done whatever else is asked about that client id.
struct forget_will_job {
  std::uint32_t request = 0;
  std::string client_id;
  std::uint64_t number = 0;
};
struct forgotten {
  std::uint32_t request = 0;
};

struct sweep_job {
  std::uint64_t now_ms = 0;
};
struct swept_out {
  std::vector<due> all;
  std::vector<std::uint64_t> ended;  // hashes of the client ids whose sessions are gone
  std::uint64_t epoch = 0;           // none of these had a higher one
};

using work = std::variant<take_job, put_job, erase_job, forget_will_job, sweep_job>;
using outcome = std::variant<taken, written, forgotten, swept_out>;

}  // namespace headgate::session_store::embedded
