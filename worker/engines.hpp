#pragma once

#include <functional>
#include <memory>

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/mailbox.hpp"
#include "base/time.hpp"
#include "broker/log/log_store.hpp"
#include "broker/shard/retained_store.hpp"
#include "proxy/gateway/authenticator.hpp"
#include "proxy/gateway/authoriser.hpp"
#include "session-store/session_store.hpp"

namespace headgate::worker {

// Which engines stand behind a worker's ports: it makes its own of each, in its constructor. What completes later does
// so by a letter to the worker.
struct engines {
  std::function<std::unique_ptr<broker::log::log_store>(base::shard_id, base::mailbox& letters)> log;
  std::function<std::unique_ptr<broker::shard::retained_store>(base::shard_id, const broker::log::log_store& log,
                                                               base::mailbox& letters)>
      retained;
  // For the client ids that this worker is directory of.
  std::function<std::unique_ptr<session_store::session_store>(session_store::answers&, base::mailbox& letters)>
      sessions;
  std::function<std::unique_ptr<proxy::gateway::authenticator>(base::mailbox& letters)> door;
  std::function<std::unique_ptr<proxy::gateway::authoriser>()> rights;
};

// All in memory, and everybody may come in. `limits` and `clock` outlive what they make.
engines memory_engines(const base::limits& limits, base::clock& clock);

}  // namespace headgate::worker
