#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ids.hpp"
#include "broker/shard/view.hpp"
#include "proxy/gateway/view.hpp"
#include "session-store/view.hpp"

namespace headgate::worker {

// The parts of a turn (worker.hpp), in order. `poll`: polls that were not allowed to sleep, because there was work;
// `inbox`: what other threads and workers sent; `shards`: with the handing over to them; `flush`: the sends; `timers`:
// with what they send, and the parcels to other workers.
enum class phase : std::uint8_t { poll, inbox, read, shards, streams, flush, timers };
inline constexpr std::size_t phases = 7;
constexpr std::string_view name_of(phase phase) {
  constexpr std::array<std::string_view, phases> names = {"poll",    "inbox", "read",  "shards",
                                                          "streams", "flush", "timers"};
  return names[static_cast<std::size_t>(phase)];
}

// What one of a worker's shards counts.
struct numbered_shard {
  base::shard_id shard;
  broker::shard::shard_view view;
};

// What a worker copies out on request: numbers only.
struct worker_view {
  std::uint64_t turns = 0;
  std::array<std::uint64_t, phases> phase_ns{};
  std::uint64_t idle_ns = 0;          // in polls that were allowed to sleep; all phases and this add up to its life
  std::uint64_t parcels_waiting = 0;  // for other workers, because their rings are full; a gauge
  proxy::gateway::gateway_view gateway;
  session_store::store_view store;  // the part of the directory that is this worker's
  broker::shard::shard_view shard;  // the sum over its shards
};

}  // namespace headgate::worker
