#include "broker/log/memory_log.hpp"
#include "broker/shard/memory_retained_store.hpp"
#include "proxy/auth/open_door.hpp"
#include "session-store/memory_session_store.hpp"
#include "worker/engines.hpp"

namespace headgate::worker {

engines memory_engines(const base::limits& limits, base::clock& clock) {
  return {
      [&limits](base::shard_id shard, base::mailbox&) {
        return std::make_unique<broker::log::memory_log>(limits.log_memory_bytes, shard.value + 1U);
      },
      [&limits](base::shard_id, const broker::log::log_store&, base::mailbox&) {
        return std::make_unique<broker::shard::memory_retained_store>(limits.retained_memory_bytes);
      },
      [&limits, &clock](session_store::answers& answers, base::mailbox&) {
        return std::make_unique<session_store::memory_session_store>(answers, clock, limits.max_stored_sessions);
      },
      [](base::mailbox&) { return std::make_unique<proxy::auth::open_door>(); },
      [] { return std::make_unique<proxy::auth::open_house>(); },
  };
}

}  // namespace headgate::worker
