#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "base/compact_string.hpp"
#include "base/hash_index.hpp"
#include "base/limits.hpp"
#include "base/slab.hpp"
#include "base/time.hpp"
#include "session-store/due_heap.hpp"
#include "session-store/session_store.hpp"

namespace headgate::session_store {

// The reference engine: the sessions of the client ids that one worker is directory of, in its memory, and gone with
// the process. It answers before submit() returns, as the last thing that it does there: on_answer() may submit again.
//
// Threads: one worker. Lifetime: `answers` and `clock` outlive it. The clock is read once a request at most.
//
// What a session is here:
//   (nothing) --claim--> held --release, kept for some time--> kept --claim--> held
//                         |                                     |
//                         +--release, expiry 0 and no will------+--sweep after its end--> (nothing)
//
// Invariants: 1. an entry stands here only while its session is held, or kept until a sweep has taken its end. 2. What
// was stored stays until the first save or release of the next owner, so that an owner that dies loses nothing; only
// `discard` ends it. 3. A will stands only in a kept session: a claim takes it out. 4. The epochs of a client id grow
// by one with each claim, and by more than that when its session left nothing behind.
//
// A session that has ended and was not swept yet counts as ended for a claim, which gets its will; as it gets one that
// was due while the session goes on.
//
// Full (`max_stored_sessions` kept; 0: never): a release keeps nothing, as if its expiry were 0, and is counted; its
// will, if any, is due at once. Sessions that have ended make room when they are swept.
class memory_session_store final : public session_store {
 public:
  memory_session_store(answers& answers, base::clock& clock, std::uint32_t max_stored_sessions = 0);
  memory_session_store(const memory_session_store&) = delete;
  memory_session_store& operator=(const memory_session_store&) = delete;

  // A sweep gives base::due_per_sweep ends and delayed wills at most, the earliest first; if it gives so many or more,
  // another may give more.
  void submit(request&& request) override;
  bool outlives_process() const override { return false; }

  store_view view() const override { return {entries_.in_use() - kept_, kept_, not_kept_}; }

  // Sessions held or kept.
  std::uint32_t size() const { return entries_.in_use(); }
  // Sessions kept without a connection, those included that have ended and were not swept yet.
  std::uint32_t kept() const { return kept_; }
  // Releases that kept nothing because the store was full, since the start.
  std::uint64_t not_kept() const { return not_kept_; }

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint32_t nowhere = 0xffff'ffff;

  // A session that is stored: on the heap, because most have none.
  struct stored_session {
    base::compact_string record;
    base::compact_string will;
    std::uint64_t ends_ms = never;  // these only mean something while it is kept
    std::uint64_t will_ms = never;
  };
  struct entry {
    base::compact_string client_id;
    headgate::session_store::token token;
    std::uint64_t incarnation = 0;
    base::client_ref client;
    std::uint64_t user = 0;  // that its session is bound to; 0: to none
    std::unique_ptr<stored_session> stored;
    std::uint32_t due_place = nowhere;
    base::worker_id worker;
    bool held = false;
  };
  static_assert(sizeof(stored_session) == base::stored_session_bytes);
  static_assert(sizeof(entry) == base::directory_entry_bytes);
  struct place_of {
    base::slab<entry>* entries;
    std::uint32_t& operator()(std::uint32_t number) const { return (*entries)[number].due_place; }
  };

  claimed answer_to(claim& claim);
  saved answer_to(save& save);
  released answer_to(release& release);
  swept answer_to(const sweep& sweep);
  // What it hands over is forgotten already.
  will_forgotten answer_to(const forget_will& forget) { return {forget.request}; }

  std::uint64_t now_ms() { return clock_.now().monotonic.value; }
  std::uint32_t find(std::uint64_t hash, std::string_view client_id) const;
  std::uint32_t add(std::uint64_t hash, std::string_view client_id);
  std::uint32_t find_held(std::string_view client_id, token token) const;
  bool is_of_another(const entry& entry, std::uint64_t user);
  void hand_over(std::uint32_t number, bool discard, claimed& answer);
  void keep(std::uint32_t number, release& release);
  void schedule(std::uint32_t number);
  void take_due(std::uint32_t number, std::uint64_t now, std::vector<due>& all);
  void forget(std::uint32_t number);

  answers& answers_;
  base::clock& clock_;
  std::uint32_t max_stored_sessions_;
  base::slab<entry> entries_;
  base::hash_index index_;
  due_heap<place_of> due_;
  std::uint64_t forgotten_epoch_ = 0;  // no entry that is gone had a higher one
  std::uint32_t kept_ = 0;
  std::uint64_t not_kept_ = 0;
};

}  // namespace headgate::session_store
