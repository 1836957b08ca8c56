#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "session-store/view.hpp"

// The port to the store of sessions: one record a client id, held by one owner at a time. A request completes now (its
// answer is given before submit() returns) or later; callers take both. The answers to requests about one client id
// come in the order of the requests.
namespace headgate::session_store {

// Whose a session is. Equality admits a write; a refused writer closes its client.
struct token {
  std::uint64_t epoch = 0;  // grows with every claim of that client id
  std::uint64_t nonce = 0;  // random, drawn by the claimer
  friend bool operator==(token, token) = default;
};

// The connection that holds a session.
struct owner {
  std::uint64_t incarnation = 0;  // of its process
  base::worker_id worker;
  base::client_ref client;
  friend bool operator==(owner, owner) = default;
};

// What becomes of a session when its owner is gone.
struct afterlife {
  std::uint32_t expiry_s = 0;  // how long it is kept; 0: not at all; 0xffffffff: for ever
  std::string will;            // encoded; empty: none
  std::uint32_t will_s = 0;    // the will is due after so long, or when the session ends if that is earlier
};

// Whole seconds until `time_ms`; 0 when that is over. Rounded down, so that what is asked again and again comes near.
constexpr std::uint32_t seconds_until(std::uint64_t time_ms, std::uint64_t now_ms) {
  return time_ms <= now_ms ? 0 : static_cast<std::uint32_t>((time_ms - now_ms) / 1000);
}

// `request` numbers are the caller's and come back with the answer.

// Takes the session if it is free, and with `force` from whoever holds it. Where sessions are bound to users, that of
// another user stays as it is, whatever else is asked for, until it has ended.
struct claim {
  std::uint32_t request = 0;
  std::string client_id;
  session_store::owner owner;
  std::uint64_t nonce = 0;
  bool force = false;
  bool discard = false;    // Clean Start: the stored session ends with this claim
  std::uint64_t user = 0;  // a number of the claimer's user (the hash of its name); 0: sessions are not bound to users
  // If the owner dies without a release: a store that outlives the process takes this as if released when the death is
  // noticed. With an expiry of 0 nothing of this owner outlives its process, its will included, and nothing needs to be
  // written for it.
  session_store::afterlife afterlife = {};
};
// Replaces the record of a session that is held with this token.
struct save {
  std::uint32_t request = 0;
  std::string client_id;
  session_store::token token;
  std::string record;
};
// Gives the session back.
struct release {
  std::uint32_t request = 0;
  std::string client_id;
  session_store::token token;
  std::string record;
  session_store::afterlife afterlife;
};
// Takes what is due: ended sessions, and wills. Each is handed to one sweeper only.
struct sweep {
  std::uint32_t request = 0;
};
// A will that was handed over with a number has been published, or is not to be.
struct forget_will {
  std::uint32_t request = 0;
  std::string client_id;
  std::uint64_t number = 0;
};
using request = std::variant<claim, save, release, sweep, forget_will>;

struct claimed {
  enum class outcome : std::uint8_t {
    granted,
    held,             // by `holder`: nothing was changed
    of_another_user,  // held, or kept and not ended, and bound to another user: nothing was changed
    unavailable,      // the store cannot answer
  };
  std::uint32_t request = 0;
  outcome what = outcome::granted;
  session_store::token token;
  session_store::owner holder;
  bool present = false;  // a session was stored, that had not expired; with `discard` it has ended now
  std::string record;    // empty, too, if its owner died before it saved one
  // Its last owner released it, so the record says how it left the session. False: that owner died, or was not waited
  // for, and has gone further than what it saved last.
  bool given_back = true;
  std::string will;             // of the session that was stored; empty: none
  bool will_is_due = false;     // to be published now; false: the session goes on, and the store has forgotten its will
  std::uint32_t will_in_s = 0;  // after so long it would have been due, rounded down
  std::uint64_t will_number = 0;  // as in `due`
};
struct saved {
  std::uint32_t request = 0;
  bool admitted = false;  // false: the session is somebody else's
};
struct released {
  std::uint32_t request = 0;
  bool admitted = false;
};
struct due {
  std::string client_id;
  std::string will;  // to be published now; empty: none
  // Of the will, in a store that outlives the process: it is kept until `forget_will` names this number. Should the
  // process die before, a sweep of the next life hands it over once more. 0: the store has forgotten it.
  std::uint64_t number = 0;
};
struct swept {
  std::uint32_t request = 0;
  std::vector<due> all;
};
struct will_forgotten {
  std::uint32_t request = 0;
};
using answer = std::variant<claimed, saved, released, swept, will_forgotten>;

class answers {
 public:
  virtual ~answers() = default;
  virtual void on_answer(answer&& answer) = 0;
};

// The caller's worker only; the answers come in that worker's thread, too.
class session_store {
 public:
  virtual ~session_store() = default;
  virtual void submit(request&& request) = 0;
  // Whether what it holds outlives the process. Stays as it is.
  virtual bool outlives_process() const = 0;
  // As things stand; cheap.
  virtual store_view view() const = 0;
};

}  // namespace headgate::session_store
