#include "broker/retained/durable_retained_store.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/assert.hpp"

namespace headgate::broker::retained {
namespace {

// Texts of topics and filters have no 0 in them [MQTT-1.5.4-2].
void write_question(const shard::retained_query& query, std::string& key) {
  key = query.filter;
  key += '\0';
  key += query.after;
  key += '\0';
  for (const std::uint64_t number : {query.below.value, std::uint64_t{query.places}, std::uint64_t{query.max_bytes}}) {
    key.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
}

std::uint64_t bytes_of(const shard::retained_answer& answer) {
  std::uint64_t bytes = 0;
  for (const auto& value : answer.values) bytes += value.memory->capacity;
  return bytes;
}

}  // namespace

durable_retained_store::durable_retained_store(retained_thread& thread, std::string_view shard, std::uint32_t log_id,
                                               base::mailbox& letters)
    : durable_retained_store(thread, shard, thread.enter(shard, log_id, letters, *this)) {}

durable_retained_store::durable_retained_store(retained_thread& thread, std::string_view shard,
                                               retained_thread::entered&& entered)
    : thread_(thread),
      shard_(shard),
      desk_(std::move(entered.desk)),
      topics_(std::move(entered.topics)),
      applied_(entered.applied),
      told_(entered.applied) {}

durable_retained_store::~durable_retained_store() {
  if (told_ < applied_) {
    const std::lock_guard lock(desk_->mutex);
    desk_->applied = applied_;
    desk_->given = true;
  }
  thread_.leave(shard_, *desk_, std::move(topics_));
}

// The thread looks for `wants_room` after it has made some, so one of the two sees the other.
bool durable_retained_store::has_room() const {
  const auto most = thread_.max_waiting_bytes();
  if (desk_->waiting_bytes < most) return true;
  desk_->wants_room = true;
  return desk_->waiting_bytes < most;
}

void durable_retained_store::apply(const record::batch_ref& batch, std::span<const shard::placed_record> records,
                                   record::offset to) {
  HEADGATE_ASSERT(to >= applied_);
  applied_ = to;
  if (batch) untold_bytes_ += batch.header().size;
  const bool much_came = untold_bytes_ >= progress_bytes || to.value - told_.value >= progress_offsets;
  if (records.empty() && !much_came) return;
  if (!records.empty()) drop_fetched();
  told_ = to;
  untold_bytes_ = 0;

  bool was_given = false;
  std::size_t before = 0;
  std::size_t after = 0;
  {
    const std::lock_guard lock(desk_->mutex);
    auto& pending = desk_->pending;
    before = pending.bytes();
    for (const auto& placed : records) change(pending, batch.header().timestamp_ms, placed);
    after = pending.bytes();
    desk_->applied = to;
    desk_->waiting_bytes += after - before;
    was_given = std::exchange(desk_->given, true);
  }
  if (before < gather_bytes && after >= gather_bytes) return thread_.wake(retained_thread::urgency::now);
  if (!was_given) thread_.wake(retained_thread::urgency::soon);
}

// A topic's own key is written with its first value alone, so that later ones cost one key each.
void durable_retained_store::change(changes& pending, std::uint64_t timestamp_ms, const shard::placed_record& placed) {
  const auto& record = *placed.record;
  const auto topic = record.topic();
  if (record.payload().empty()) {
    if (topics_.erase(topic)) erase(pending, topic);
    return;
  }
  if (topics_.insert(topic)) pending.put(write_key(key_kind::topic, topic), std::string_view());
  if (!with_thread_.empty()) puts_.push_back(topics_.hash_of(topic));
  const value_parts value(desk_->log_id, placed.place, timestamp_ms, record);
  pending.put(write_key(key_kind::value, topic), value.all());
}

void durable_retained_store::erase(changes& pending, std::string_view topic) {
  pending.erase(write_key(key_kind::topic, topic));
  pending.erase(write_key(key_kind::value, topic));
}

std::string_view durable_retained_store::write_key(char kind, std::string_view topic) {
  key_ = key_prefix(kind, desk_->number).view();
  key_ += topic;
  return key_;
}

bool durable_retained_store::scan(const shard::retained_query& query, shard::retained_answer& answer) {
  write_question(query, key_);
  auto found = questions_.find(key_);
  if (found != questions_.end() && is_old(found->second, query.now_ms)) {
    if (found->second.fetched) {
      drop_fetched();
    } else {
      drop(found);
    }
    found = questions_.end();
  }
  if (found != questions_.end()) {
    auto& asked = found->second;
    if (!asked.answered) return false;
    answer = asked.answer;
    if (!std::exchange(asked.fetched, true)) fetched_.push_back(found);
    return true;
  }
  if (!make_place(query.now_ms)) return false;
  found = questions_.emplace(key_, asked{}).first;
  auto& asked = found->second;
  asked.number = next_number_++;
  asked.now_ms = query.now_ms;
  asked.puts_before = puts_dropped_ + puts_.size();
  with_thread_.push_back(found);
  {
    const std::lock_guard lock(desk_->mutex);
    desk_->questions.push_back({asked.number, std::string(query.filter), std::string(query.after), query.below,
                                std::max(query.places, 1U), query.max_bytes, query.now_ms});
  }
  thread_.wake(retained_thread::urgency::now);
  return false;
}

// What was fetched has served those who asked by now; others ask anew.
void durable_retained_store::on_found(std::vector<found_values>&& all) {
  drop_fetched();
  for (auto& found : all) {
    const auto question = with_thread_.front();
    auto& asked = question->second;
    HEADGATE_ASSERT(asked.number == found.number);
    with_thread_.pop_front();
    asked.answered = true;
    asked.answer = std::move(found.answer);
    asked.bytes = bytes_of(asked.answer);
    answer_bytes_ += asked.bytes;
    if (!found.expired.empty()) expire(asked, found.expired);
    forget_puts();
  }
}

// Those that have been given another value since the question was asked stay, whichever of them had expired.
void durable_retained_store::expire(const asked& asked, const std::vector<std::string>& topics) {
  const auto since = puts_.begin() + static_cast<std::ptrdiff_t>(asked.puts_before - puts_dropped_);
  const std::unordered_set<std::uint64_t> given(since, puts_.end());
  const std::lock_guard lock(desk_->mutex);
  auto& pending = desk_->pending;
  const auto before = pending.bytes();
  for (const auto& topic : topics) {
    if (given.contains(topics_.hash_of(topic)) || !topics_.erase(topic)) continue;
    ++expired_;
    erase(pending, topic);
  }
  if (pending.bytes() == before) return;
  desk_->waiting_bytes += pending.bytes() - before;
  desk_->given = true;
  thread_.wake(retained_thread::urgency::soon);
}

void durable_retained_store::forget_puts() {
  const auto keep_from = with_thread_.empty() ? puts_dropped_ + puts_.size() : with_thread_.front()->second.puts_before;
  const auto count = keep_from - puts_dropped_;
  puts_.erase(puts_.begin(), puts_.begin() + static_cast<std::ptrdiff_t>(count));
  puts_dropped_ = keep_from;
}

void durable_retained_store::drop_fetched() {
  for (const auto question : fetched_) drop(question);
  fetched_.clear();
}

// Room for one more question; false: the shard asks again.
bool durable_retained_store::make_place(std::uint64_t now_ms) {
  const auto is_full = [&] { return questions_.size() >= max_questions || answer_bytes_ >= max_answer_bytes; };
  if (is_full()) drop_fetched();
  if (!is_full()) return true;
  for (auto at = questions_.begin(); at != questions_.end();) {
    const auto next = std::next(at);
    if (is_old(at->second, now_ms)) drop(at);
    at = next;
  }
  return !is_full();
}

// An answer that those who asked for it have fetched, or have forgotten.
bool durable_retained_store::is_old(const asked& asked, std::uint64_t now_ms) {
  return asked.answered && asked.now_ms + (asked.fetched ? fetched_ms : forgotten_ms) < now_ms;
}

void durable_retained_store::drop(questions::iterator question) {
  answer_bytes_ -= question->second.bytes;
  questions_.erase(question);
}

shard::retained_view durable_retained_store::view() const {
  return {.messages = topics_.size(),
          .bytes = desk_->stored_bytes,
          .refused = 0,
          .expired = expired_,
          .waiting_bytes = desk_->waiting_bytes,
          .unreadable = desk_->unreadable,
          .away = thread_.is_away()};
}

}  // namespace headgate::broker::retained
