#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/compact_string.hpp"
#include "base/hash_index.hpp"
#include "base/mailbox.hpp"
#include "base/slab.hpp"
#include "base/time.hpp"
#include "session-store/embedded/store_thread.hpp"
#include "session-store/embedded/stored_ids.hpp"
#include "session-store/session_store.hpp"

namespace headgate::session_store::embedded {

// The engine of one worker over the database of its process: for the client ids whose hash is the worker's number
// modulo that of the workers. It means what memory_session_store means, and what is answered stays when the process is
// killed.
//
// Who holds a session stands here, in memory, since no owner outlives the process; what is stored of it stands in
// RocksDB, marked as held in this life of the database. A session that was claimed with an expiry of 0, of an id under
// which nothing is stored, is not written at all: its claim, its saves and its release are answered before submit()
// returns. Everything else takes the way to the store thread and back by a letter.
//
// While the store is away (store_thread.hpp) claims that need it are answered `unavailable`; saves and releases wait,
// each client id's in its line, where a save takes the place of the one before it: so a client costs one record.
//
// Threads: one worker, in which the letters run, too. Lifetime: `store`, `answers`, `letters` and `clock` outlive it;
// the destructor waits for what was submitted, which is stored but no longer answered.
//
// Invariants: 1. an entry stands here while its session is held or something is asked about it. 2. At most one job of
// an entry is with the store thread; what is asked meanwhile waits in its line, so that answers about one client id
// come in order. 3. While nothing is asked, `ids_` has exactly the ids that are stored.
class embedded_session_store final : public session_store, private outcomes {
 public:
  // `engine`: its number, below options::engines of the store. `max_stored_sessions`: as for memory_session_store.
  embedded_session_store(store_thread& store, std::uint32_t engine, answers& answers, base::mailbox& letters,
                         base::clock& clock, std::uint32_t max_stored_sessions = 0);
  ~embedded_session_store() override;
  embedded_session_store(const embedded_session_store&) = delete;
  embedded_session_store& operator=(const embedded_session_store&) = delete;

  void submit(request&& request) override;
  bool outlives_process() const override { return true; }
  store_view view() const override { return {held_, kept_, not_kept_}; }

  // Bytes that all stored sessions cost here.
  std::size_t memory_of_stored() const { return ids_.memory(); }

 private:
  // What an entry has besides while something is asked about it, or for a record that is not written.
  struct line {
    std::deque<request> waiting;
    std::optional<claim> claiming;      // with the store thread
    bool claims_will = false;           // that claim brought a will, which is with the store thread
    std::vector<std::uint32_t> saving;  // requests that the record with the store thread answers
    std::uint32_t releasing = 0;        // the request of the release with the store thread
    std::string record;                 // saved by an owner of whom nothing is written
  };
  struct entry {
    base::compact_string client_id;
    headgate::session_store::token token;
    std::uint64_t incarnation = 0;
    std::uint64_t user = 0;
    base::client_ref client;
    std::unique_ptr<embedded_session_store::line> line;
    std::uint32_t expiry_s = 0;  // as claimed
    std::uint32_t will_s = 0;
    base::worker_id worker;
    bool has_will : 1 = false;
    bool held : 1 = false;
    bool busy : 1 = false;     // somebody is at work on its line
    bool on_disk : 1 = false;  // while nobody holds it: may be, until a take has looked
    bool saved : 1 = false;    // line->record means something
    bool kept : 1 = false;     // the release with the store thread leaves something
  };

  void on_outcome(std::uint32_t number, outcome&& outcome) override;
  void on_swept(swept_out&& swept);

  // The line of an entry: embedded_session_store.cpp.
  void wait_in_line(entry& entry, request&& request);
  std::optional<answer> start(std::uint32_t number, request&& request);
  void go_on(std::uint32_t number);
  void settle(std::uint32_t number);
  std::uint32_t find(std::uint64_t hash, std::string_view client_id) const;
  std::uint32_t add(std::uint64_t hash, std::string_view client_id);
  line& line_of(entry& entry);

  // What is done about a request, and about what the store thread found: claiming.cpp, writing.cpp. Nothing: the
  // answer comes later.
  std::optional<answer> start_claim(std::uint32_t number, claim& claim);
  claimed end_take(entry& entry, taken&& taken);
  claimed end_first_claim(entry& entry, bool done);
  void hold(entry& entry, const claim& claim, std::uint64_t epoch, bool has_will);
  std::optional<answer> start_save(std::uint32_t number, save& save);
  std::optional<answer> start_release(std::uint32_t number, release& release);
  void end_write(entry& entry);
  void set_on_disk(entry& entry, bool stored);
  stored_value value_of(const entry& entry) const;

  std::uint64_t now_ms();

  store_thread& store_;
  std::uint32_t engine_;
  answers& answers_;
  base::clock& clock_;
  std::uint32_t max_stored_sessions_;
  base::slab<entry> entries_;
  base::hash_index index_;
  stored_ids ids_;
  std::deque<std::uint32_t> sweeps_;   // requests with the store thread
  std::uint64_t forgotten_epoch_ = 0;  // nothing that is gone had a higher one
  std::uint64_t held_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t not_kept_ = 0;
};

}  // namespace headgate::session_store::embedded
