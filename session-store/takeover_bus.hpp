#pragma once

#include <cstdint>
#include <string>

#include "session-store/session_store.hpp"

namespace headgate::session_store {

// Asks the holder of a session to close its client (0x8E in MQTT 5) and to release the session.
struct takeover_ask {
  base::worker_id from;       // the asking worker
  std::uint32_t request = 0;  // the asker's, comes back with the answer
  owner holder;
  std::string client_id;
  std::string address;  // of the client that wants the session: "192.0.2.7:51324"
};
// The holder has released the session, or does not have it (any more).
struct takeover_answer {
  base::worker_id to;
  std::uint32_t request = 0;
};

// The port over which the owners of sessions reach each other. A question to an incarnation that nobody listens for is
// answered at once. An answer may never come: the asker claims with force after a second. The caller's worker only;
// what arrives is handed over in that worker's thread, now or later.
class takeover_bus {
 public:
  virtual ~takeover_bus() = default;
  virtual void ask(takeover_ask&& ask) = 0;
  virtual void answer(takeover_answer&& answer) = 0;
};

}  // namespace headgate::session_store
