#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/limits.hpp"
#include "base/log_sink.hpp"
#include "base/mailbox.hpp"
#include "base/time.hpp"
#include "broker/link/messages.hpp"
#include "broker/log/memory_log.hpp"
#include "broker/shard/shard_state.hpp"
#include "proxy/gateway/proxy_state.hpp"
#include "worker/rim.hpp"

namespace headgate::worker {

// What a worker copies out on request.
struct worker_view {
  std::uint64_t turns = 0;
  proxy::gateway::gateway_view gateway;
  broker::shard::shard_view shard;
};

// One thread's turn, as a plain class: the clients' gateway and a shard, and the queues between them. It does no I/O:
// the rim does. Everything but post() belongs to the thread that calls turn().
//
// A turn: poll; letters of other threads; read clients (records go into batches); shards append, look up and deliver;
// streams and acknowledgements reach the clients' outputs; flush; timers.
//
// Invariants: 1. between turns every batch has been handed over and every output flushed; 2. the rim and the client
// port outlive the worker.
class worker final : private client_events {
 public:
  struct ports {
    rim& sockets;
    proxy::gateway::client_port& clients;
    base::clock& clock;
    base::waker& waker;
    base::log_sink& log;
  };
  worker(const base::limits& limits, base::worker_id id, ports ports, std::uint64_t seed);

  void turn();
  // Until stop().
  void run();

  // Any thread: what it posts runs in the worker's thread, in the next turn.
  base::mailbox& letters() { return mailbox_; }
  // The worker's thread: says goodbye to the clients and ends run().
  void stop();

  worker_view view() const;

 private:
  void accepted(std::uint32_t client) override;
  std::size_t received(std::uint32_t client, base::bytes data, std::size_t* packet_size) override;
  void closed(std::uint32_t client) override;
  void sent(std::uint32_t client, std::uint32_t still_pending) override;

  int wait_ms() const;
  void run_shard();
  void dispatch(const broker::link::to_worker& message);

  ports ports_;
  base::mailbox mailbox_;
  proxy::gateway::proxy_state gateway_;
  broker::log::memory_log log_;
  broker::shard::shard_state shard_;
  broker::link::worker_inbox inbox_;
  broker::shard::inboxes inboxes_;
  std::vector<broker::link::to_shard> for_shard_;
  int turns_without_timers_ = 0;
  bool left_over_ = false;  // the rim has more to read
  bool stopping_ = false;
  std::uint64_t turns_ = 0;
};

}  // namespace headgate::worker
