#pragma once

#include <memory>
#include <vector>

#include "base/limits.hpp"
#include "base/log_sink.hpp"
#include "base/mailbox.hpp"
#include "base/time.hpp"
#include "broker/link/messages.hpp"
#include "broker/shard/shard_state.hpp"
#include "proxy/gateway/proxy_state.hpp"
#include "shard-router/shard_map.hpp"
#include "worker/engines.hpp"
#include "worker/handover/exchange.hpp"
#include "worker/phase_times.hpp"
#include "worker/rim.hpp"
#include "worker/session_desk.hpp"
#include "worker/view.hpp"

namespace headgate::worker {

// What the workers of one process share; all of it outlives them and stays as it is, but for `logs`.
struct process {
  const base::limits& limits;  // at the start: each worker has a copy
  const shard_router::shard_map& map;
  std::uint32_t key_levels = 0;  // routing.key_levels
  handover::exchange& exchange;  // its size is the number of workers
  std::uint64_t incarnation = 0;
  bool bind_client_id = false;  // auth.bind_client_id
  bool tell_reasons = true;     // auth.tell_reasons
  // Each worker enters those of its shards when it is made; all are made before the first turn of any.
  std::unique_ptr<proxy::gateway::log_ids> logs = std::make_unique<proxy::gateway::log_ids>();
};

// One thread's turn, as a plain class: a gateway for its clients, its part of the process's shards and of the directory
// of sessions, and the queues between them. Shard n belongs to worker n modulo the number of workers. It does no I/O:
// the rim does. Everything but letters().post() belongs to the thread that calls turn().
//
// A turn: poll; letters of other threads, parcels of other workers; read clients (records go into batches); the shards
// append, look up and deliver; streams and acknowledgements reach the clients' outputs; flush; parcels go to the other
// workers; timers.
//
// Invariants: 1. between turns every batch has been handed over and every output flushed, but for what another worker
// has no room for; while that is so, no client is read; 2. the rim, the client port and `process` outlive the worker.
class worker final : private client_events, private session_events {
 public:
  struct ports {
    rim& sockets;
    proxy::gateway::client_port& clients;
    base::clock& clock;
    base::waker& waker;
    base::log_sink& log;
  };
  worker(const process& process, base::worker_id id, ports ports, const engines& engines, std::uint64_t seed);
  ~worker() override;

  void turn();
  // Until stop() of all workers of the process: each takes what the others have for it when they end.
  void run();
  // What run() does over and over, for whoever has one thread for several workers. False: it has ended.
  bool go_on();

  // Instead of run(), if that is never called: the others need not wait for this one.
  void give_up() { process_.exchange.leave(id_, true); }

  // Any thread: what it posts runs in the worker's thread, in the next turn.
  base::mailbox& letters() { return mailbox_; }
  // The worker's thread: says goodbye to the clients, and ends run() when all have.
  void stop();

  // The worker's thread: the limits that can change while it runs are from now on as these say, the others stay
  // (proxy_state::set_limits). What a client was told in its CONNACK holds for its connection.
  void set_limits(const base::limits& changed) { gateway_.set_limits(changed); }

  // The worker's thread, as everything that follows.
  worker_view view() const;
  // Each shard of this worker by itself.
  std::vector<numbered_shard> shard_views() const;
  const proxy::gateway::proxy_state& gateway() const { return gateway_; }
  // For letters, which operators' questions come in.
  proxy::gateway::proxy_state& gateway() { return gateway_; }
  // Null when the shard is another worker's.
  broker::shard::shard_state* shard(base::shard_id shard);

 private:
  // A shard of this worker with its engines.
  struct owned_shard {
    std::unique_ptr<broker::log::log_store> log;
    std::unique_ptr<broker::shard::retained_store> retained;
    std::unique_ptr<broker::shard::shard_state> state;
  };

  void accepted(std::uint32_t client) override;
  std::size_t received(std::uint32_t client, base::bytes data, std::size_t* packet_size) override;
  void closed(std::uint32_t client) override;
  void sent(std::uint32_t client, std::uint32_t still_pending) override;

  void store_answered(session_store::answer&& answer) override;
  void takeover_asked(const session_store::takeover_ask& ask) override;
  void takeover_answered(const session_store::takeover_answer& answer) override;

  base::worker_id owner_of(base::shard_id shard) const;
  owned_shard& owned(base::shard_id shard) { return shards_[shard.value / process_.exchange.workers()]; }
  bool has_work() const;
  void poll();
  void find_inboxes();
  void take_parcels();
  void hand_over();
  void run_shards();
  void end_shards();
  void dispatch_all(broker::link::worker_inbox& inbox);
  void dispatch(const broker::link::worker_inbox& inbox, const broker::link::to_worker& message);

  const process& process_;
  base::worker_id id_;
  ports ports_;
  base::mailbox mailbox_;
  session_desk desk_;
  std::unique_ptr<proxy::gateway::authenticator> door_;
  std::unique_ptr<proxy::gateway::authoriser> rights_;
  proxy::gateway::proxy_state gateway_;
  std::vector<owned_shard> shards_;   // those of this worker, in the order of their numbers
  broker::link::worker_inbox inbox_;  // from its own shards
  broker::shard::inboxes inboxes_;
  std::vector<broker::link::shard_inbox> for_shards_;  // one a shard of this worker: what its own gateway has
  std::vector<broker::link::batch_ref> kept_;          // of parcels, until the turn's output is sent
  int turns_without_timers_ = 0;
  bool left_over_ = false;  // the rim has more to read
  bool leaving_ = false;
  // Of run(). A failure of a turn ends all of them.
  enum class stage : std::uint8_t { running, waiting_for_others, waiting_for_store };
  stage stage_ = stage::running;
  std::uint64_t patience_ends_ms_ = 0;
  std::uint64_t turns_ = 0;
  phase_times times_;
};

}  // namespace headgate::worker
