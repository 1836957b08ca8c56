#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/ids.hpp"
#include "base/slab.hpp"
#include "session-store/session_store.hpp"
#include "session-store/takeover_bus.hpp"
#include "worker/handover/exchange.hpp"

namespace headgate::worker {

// What a desk hands to its own worker's gateway.
class session_events {
 public:
  virtual ~session_events() = default;
  virtual void store_answered(session_store::answer&& answer) = 0;
  virtual void takeover_asked(const session_store::takeover_ask& ask) = 0;
  virtual void takeover_answered(const session_store::takeover_answer& answer) = 0;
};

// A worker's way to the sessions of its process. Each client id has a directory worker, by the hash of the id, whose
// store serialises the claims of that id: what the gateway asks goes there, and what other workers ask of this one's
// store is answered here. Questions to the holder of a session go to that holder's worker. One thread: the worker's.
// Lives as long as its worker; the exchange outlives it.
class session_desk final : public session_store::session_store,
                           public session_store::takeover_bus,
                           private session_store::answers {
 public:
  using make_store =
      std::function<std::unique_ptr<headgate::session_store::session_store>(headgate::session_store::answers&)>;

  session_desk(base::worker_id self, std::uint64_t incarnation, handover::exchange& exchange, session_events& events,
               const make_store& store);

  // From the gateway.
  void submit(headgate::session_store::request&& request) override;
  bool outlives_process() const override { return store_->outlives_process(); }
  // Of this worker's own store.
  headgate::session_store::store_view view() const override { return store_->view(); }
  // Whether this worker's store has answered all that it was asked.
  bool is_idle() const { return open_.in_use() == 0; }
  void ask(headgate::session_store::takeover_ask&& ask) override;
  void answer(headgate::session_store::takeover_answer&& answer) override;

  // From another worker.
  void take(base::worker_id from, headgate::session_store::request&& request);

 private:
  // A request at this worker's store.
  struct open_request {
    base::worker_id from;
    std::uint32_t request = 0;  // the number that its asker gave it
  };

  void on_answer(headgate::session_store::answer&& answer) override;
  base::worker_id directory_of(const headgate::session_store::request& request) const;

  base::worker_id self_;
  std::uint64_t incarnation_;
  handover::exchange& exchange_;
  session_events& events_;
  base::slab<open_request> open_;
  std::unique_ptr<headgate::session_store::session_store> store_;
};

}  // namespace headgate::worker
