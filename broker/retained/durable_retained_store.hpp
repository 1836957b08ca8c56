#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mailbox.hpp"
#include "broker/retained/retained_thread.hpp"
#include "broker/shard/retained_store.hpp"

namespace headgate::broker::retained {

// The retained messages of one shard in the database of its process. It means what memory_retained_store means, but
// that they survive the process and need not fit into memory: here stand the topics alone, as hashes.
//
// apply() copies what it is given for the thread, which writes it soon; nobody waits for that. What the process did not
// come to write, it is given again from the log: the place up to which it was written stands in the same batch. So
// applied() says, after a start, how far that was, and from then on what was given. A question is asked of the thread,
// behind what was applied before, and its answer waits here until it is fetched.
//
// Values of another log than the shard's (it was lost, or made anew) stay: they were acknowledged. They are older than
// anything in this log, so they are always what a query asks for, and stand nowhere (record::nowhere) in it.
//
// Threads: one worker, in which the letters run, too. Lifetime: `thread` and `letters` outlive it; the destructor waits
// until what was applied is written, but not for a store that is away.
//
// Invariants: 1. all changes come from here, in order, so `topics_` has exactly the topics that the database has when
// the thread has done what was given to it; 2. a topic has a key of its own there if it is in `topics_`; 3. `puts_`
// begins where the oldest question with the thread was asked, and is empty when there is none.
class durable_retained_store final : public shard::retained_store, private asker {
 public:
  // `shard`: a name that stays the shard's own, such as "main/0". `log_id`: of its log (log_store::id()), which
  // outlives the process or has another id in each.
  durable_retained_store(retained_thread& thread, std::string_view shard, std::uint32_t log_id, base::mailbox& letters);
  ~durable_retained_store() override;
  durable_retained_store(const durable_retained_store&) = delete;
  durable_retained_store& operator=(const durable_retained_store&) = delete;

  record::offset applied() const override { return applied_; }
  bool has_room() const override;
  void apply(const record::batch_ref& batch, std::span<const shard::placed_record> records, record::offset to) override;
  bool surely_none(std::string_view filter) const override { return topics_.surely_none(filter); }
  bool scan(const shard::retained_query& query, shard::retained_answer& answer) override;
  shard::retained_view view() const override;

  // Bytes that all topics cost here.
  std::size_t memory_of_topics() const { return topics_.memory(); }

 private:
  // What was asked: with the thread, then answered, then fetched by those who asked, who are any number.
  struct asked {
    std::uint64_t number = 0;
    std::uint64_t now_ms = 0;
    std::uint64_t puts_before = 0;  // of all that were ever counted
    bool answered = false;
    bool fetched = false;
    std::uint64_t bytes = 0;
    shard::retained_answer answer;
  };
  using questions = std::map<std::string, asked, std::less<>>;

  durable_retained_store(retained_thread& thread, std::string_view shard, retained_thread::entered&& entered);
  void on_found(std::vector<found_values>&& found) override;
  void change(changes& pending, std::uint64_t timestamp_ms, const shard::placed_record& placed);
  void erase(changes& pending, std::string_view topic);
  std::string_view write_key(char kind, std::string_view topic);
  void expire(const asked& asked, const std::vector<std::string>& topics);
  void forget_puts();
  void drop_fetched();
  bool make_place(std::uint64_t now_ms);
  void drop(questions::iterator question);
  static bool is_old(const asked& asked, std::uint64_t now_ms);

  retained_thread& thread_;
  std::string shard_;
  std::shared_ptr<retained::desk> desk_;
  stored_topics topics_;
  record::offset applied_;
  record::offset told_;                          // `applied` as the desk has it
  std::uint64_t untold_bytes_ = 0;               // of the log, since
  questions questions_;                          // by all that makes them different, but the time
  std::deque<questions::iterator> with_thread_;  // in the order of asking
  std::vector<questions::iterator> fetched_;
  std::uint64_t answer_bytes_ = 0;
  std::uint64_t next_number_ = 0;
  std::deque<std::uint64_t> puts_;  // hashes of the topics that were given a value while questions are with the thread
  std::uint64_t puts_dropped_ = 0;
  std::uint64_t expired_ = 0;
  std::string key_;  // of a topic, or of a question; kept, so that neither allocates
};

}  // namespace headgate::broker::retained
