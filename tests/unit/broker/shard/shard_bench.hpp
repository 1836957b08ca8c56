#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "broker/log/memory_log.hpp"
#include "broker/shard/memory_retained_store.hpp"
#include "broker/shard/shard_state.hpp"
#include "tests/support/later_log.hpp"
#include "tests/unit/broker/batches.hpp"
#include "tests/unit/broker/shard/topics.hpp"

namespace headgate::broker::tests {

// What a worker is given of one record.
struct delivered {
  std::string payload;
  std::uint64_t place = 0;
  std::multiset<std::uint32_t> filters;
  friend bool operator==(const delivered&, const delivered&) = default;
};

inline void PrintTo(const delivered& record, std::ostream* out) {
  *out << record.payload << " at " << record.place << ", " << record.filters.size() << " filters";
}

// Which log a shard has: one that commits and answers at once, or one that does so when it is told.
enum class log_kind : std::uint8_t { now, later };

inline void PrintTo(log_kind kind, std::ostream* out) {
  *out << (kind == log_kind::now ? "now" : "later");
}

// A shard with its log, its workers' inboxes, and a naive model of what they are to be given: every message tells by
// its payload which one it is.
class shard_bench {
 public:
  explicit shard_bench(std::size_t workers, log_kind kind = log_kind::now, std::uint64_t log_bytes = 1U << 30,
                       std::uint32_t topic_entries = 1000)
      : shard_bench(workers, kind == log_kind::later ? std::make_unique<later_log>(log_bytes) : nullptr, nullptr,
                    log_bytes, topic_entries) {}
  // On a log of the test's own, which outlives this.
  shard_bench(std::size_t workers, log::log_store& own) : shard_bench(workers, nullptr, &own, 0, 1000) {}

  void add_filter(std::uint16_t worker, std::uint32_t id, const std::string& text) {
    // The shard may point to the text for as long as the route is there.
    const auto& kept = *texts_.insert(text).first;
    shard::on_register_route(state, {base::worker_id{worker}, link::filter_id{id}, kept, 50 + id}, inboxes);
    filters[worker][id] = text;
  }
  void remove_filter(std::uint16_t worker, std::uint32_t id) {
    const auto& text = *texts_.find(filters[worker].at(id));
    shard::on_withdraw_route(state, {base::worker_id{worker}, link::filter_id{id}, text}, base::wall_ms{0}, inboxes);
    filters[worker].erase(id);
  }

  void run(std::uint64_t now_ms = 1'000'000) { shard::run_turn(state, at(now_ms), inboxes); }
  static base::instant at(std::uint64_t now_ms) { return {base::monotonic_ms{now_ms}, base::wall_ms{now_ms}}; }
  // Turns until nothing waits for the log any more.
  void settle(std::uint64_t now_ms = 1'000'000) {
    for (int turns = 0; turns < 10'000; ++turns) {
      if (later) {
        later->commit();
        later->answer_reads();
      }
      run(now_ms);
      if (later && later->open_reads() > 0) continue;
      if (state.undelivered.empty() && !shard::wants_turn(state)) return;
    }
    ADD_FAILURE() << "the shard never comes to rest";
  }

  // Hands over the messages as the worker's batches, as many as they need, and lets the log commit them. Returns the
  // last one's header as it was delivered.
  record::batch_header publish(std::uint16_t worker, std::vector<owned_message> messages,
                               std::uint64_t now_ms = 1'000'000) {
    const auto header = append(worker, std::move(messages), now_ms);
    if (later) settle(now_ms);
    return header;
  }
  // The same without waiting for the log.
  record::batch_header append(std::uint16_t worker, std::vector<owned_message> messages,
                              std::uint64_t now_ms = 1'000'000) {
    auto& builder = *builders_[worker];
    record::batch_header header;
    const auto hand_over = [&] {
      const auto batch = builder.seal();
      shard::on_publish_batch(state, {base::worker_id{worker}, batch}, base::wall_ms{now_ms}, inboxes);
      header = batch.header();
    };
    for (auto& message : messages) {
      message.payload += "#" + std::to_string(published.size());
      if (!builder.fits(record::batch_builder::size_of(message.view()))) hand_over();
      builder.add(message.view());
      published.push_back({message, next_offset});
      if (message.has_offset()) ++next_offset;
    }
    hand_over();
    return header;
  }

  // What the model says a worker gets of published[first] and those behind, in order.
  std::vector<delivered> expected(std::uint16_t worker, std::size_t first) const {
    std::vector<delivered> records;
    for (auto n = first; n < published.size(); ++n) {
      delivered record{published[n].message.payload, published[n].place, {}};
      for (const auto& [id, text] : filters_of(worker)) {
        if (mqtt::matches(text, published[n].message.topic)) record.filters.insert(id);
      }
      if (!record.filters.empty()) records.push_back(std::move(record));
    }
    return records;
  }

  // The records of a stream_batch or read_batch in a worker's inbox.
  template <class Message>
  void collect(std::uint16_t worker, const Message& message, std::vector<delivered>& records) const {
    const auto& inbox = *inboxes[worker];
    for (std::uint32_t n = 0; n < message.entry_count; ++n) {
      const auto& entry = inbox.entries.at(message.first_entry + n);
      delivered record{payload_of(*entry.record), entry.place.value, {}};
      for (std::uint32_t id = 0; id < entry.id_count; ++id) record.filters.insert(inbox.ids.at(entry.first_id + id));
      records.push_back(std::move(record));
    }
  }
  // All that a worker's streams hold, in order.
  std::vector<delivered> streamed(std::uint16_t worker) const {
    std::vector<delivered> records;
    for (const auto& message : inboxes[worker]->messages) {
      if (const auto* batch = std::get_if<link::stream_batch>(&message)) collect(worker, *batch, records);
    }
    return records;
  }
  template <class Message>
  std::vector<Message> all(std::uint16_t worker) const {
    std::vector<Message> found;
    for (const auto& message : inboxes[worker]->messages) {
      if (const auto* one = std::get_if<Message>(&message)) found.push_back(*one);
    }
    return found;
  }
  void clear_inboxes() {
    for (auto* inbox : inboxes) inbox->clear();
  }

  struct published_message {
    owned_message message;
    std::uint64_t place = 0;
  };

  std::unique_ptr<later_log> later;  // null: the log commits and answers at once

 private:
  shard_bench(std::size_t workers, std::unique_ptr<later_log> log_later, log::log_store* own, std::uint64_t log_bytes,
              std::uint32_t topic_entries)
      : later(std::move(log_later)),
        log_now_(log_bytes),
        log(own != nullptr ? *own
            : later        ? static_cast<log::log_store&>(*later)
                           : log_now_),
        state(base::shard_id{4}, log, retained, topic_entries) {
    for (std::size_t worker = 0; worker < workers; ++worker) {
      inboxes_owned_.push_back(std::make_unique<link::worker_inbox>());
      inboxes.push_back(inboxes_owned_.back().get());
      builders_.push_back(std::make_unique<record::batch_builder>(record::producer_id{worker + 1}));
    }
  }

  log::memory_log log_now_;

 public:
  log::log_store& log;
  shard::memory_retained_store retained{1U << 30};
  shard::shard_state state;
  shard::inboxes inboxes;
  std::map<std::uint16_t, std::map<std::uint32_t, std::string>> filters;  // by worker and id
  std::vector<published_message> published;
  std::uint64_t next_offset = 0;

 private:
  const std::map<std::uint32_t, std::string>& filters_of(std::uint16_t worker) const {
    static const std::map<std::uint32_t, std::string> none;
    const auto found = filters.find(worker);
    return found == filters.end() ? none : found->second;
  }

  std::vector<std::unique_ptr<link::worker_inbox>> inboxes_owned_;
  std::vector<std::unique_ptr<record::batch_builder>> builders_;
  std::set<std::string> texts_;
};

}  // namespace headgate::broker::tests
