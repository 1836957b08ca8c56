#pragma once

#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "broker/shard/memory_retained_store.hpp"
#include "tests/support/retained_home.hpp"
#include "tests/unit/broker/batches.hpp"
#include "tests/unit/broker/shard/topics.hpp"

namespace headgate::broker::tests {

// The engines that have to agree.
enum class engine_kind : std::uint8_t { memory, durable };
inline void PrintTo(engine_kind kind, std::ostream* out) {
  *out << std::array{"memory", "durable"}.at(static_cast<std::size_t>(kind));
}

// A store of retained messages, the log that it is a fold of, and a caller that waits for each answer.
class retained_engine {
 public:
  explicit retained_engine(engine_kind kind) {
    if (kind == engine_kind::durable) {
      home = std::make_unique<retained_home>();
      open();
    } else {
      owned_ = std::make_unique<shard::memory_retained_store>(1U << 30);
    }
  }
  // A durable one in a directory of somebody else.
  retained_engine(engine_kind, const std::string& directory) : home(std::make_unique<retained_home>(directory)) {
    open();
  }
  void open() {
    home->open();
    enter();
  }
  void enter() {
    auto made = home->make(shard_name, log_id);
    durable = made.get();
    owned_ = std::move(made);
  }
  void leave() {
    owned_.reset();
    durable = nullptr;
  }
  void close() {
    leave();
    home->close();
  }
  void reopen() {
    close();
    open();
  }

  shard::retained_store& store() { return *owned_; }

  struct put_options {
    std::uint64_t now_ms = 1000;
    std::uint32_t expiry_s = 0xffff'ffff;
  };
  void put(const std::string& topic, const std::string& payload, put_options options) {
    apply({{topic, 1, payload, {}, true, options.expiry_s}}, options.now_ms);
  }
  void put(const std::string& topic, const std::string& payload) { put(topic, payload, put_options{}); }
  // As one batch, which the log has from then on.
  void apply(const std::vector<owned_message>& messages, std::uint64_t now_ms = 1000) {
    auto batch = batch_of(builder_, messages);
    batch.header().base_offset = next;
    batch.header().timestamp_ms = now_ms;
    next += batch.header().count;
    log.push_back(batch);
    give(batch);
  }
  // What the store has not been given, as its shard does after a start.
  void replay() {
    for (const auto& batch : log) {
      if (batch.header().base_offset >= store().applied().value) give(batch);
    }
  }
  void give(const record::batch_ref& batch) {
    auto& header = batch.header();
    std::vector<shard::placed_record> records;
    record::for_each_record(header, [&](const auto& record) {
      if (record.is_retained()) {
        records.push_back({&record, record::offset{header.base_offset + record.offset_delta}});
      }
    });
    store().apply(batch, records, record::offset{header.base_offset + header.count});
  }

  shard::retained_answer ask(const shard::retained_query& query) {
    shard::retained_answer answer;
    const auto asked = [&] { return store().scan(query, answer); };
    if (home) {
      home->wait_until(asked);
    } else {
      EXPECT_TRUE(asked());
    }
    return answer;
  }
  shard::retained_answer ask(std::string_view filter, std::string_view after = {}, std::uint32_t places = 1000,
                             std::uint32_t max_bytes = 1U << 30, std::uint64_t now_ms = 1000) {
    return ask({filter, after, record::offset{below}, places, max_bytes, now_ms});
  }
  static const record::record_header& record_of(const record::batch_ref& value) {
    return *reinterpret_cast<const record::record_header*>(&value.header() + 1);
  }
  static std::vector<std::string> topics(const shard::retained_answer& answer) {
    std::vector<std::string> found;
    for (const auto& value : answer.values) found.emplace_back(record_of(value).topic());
    return found;
  }
  static std::vector<std::string> payloads(const shard::retained_answer& answer) {
    std::vector<std::string> found;
    for (const auto& value : answer.values) found.push_back(payload_of(record_of(value)));
    return found;
  }

  std::unique_ptr<retained_home> home;  // of a durable one
  retained::durable_retained_store* durable = nullptr;
  std::string shard_name = "main/0";
  std::uint32_t log_id = 77;
  std::uint64_t next = 0;
  std::uint64_t below = ~std::uint64_t{0};
  std::vector<record::batch_ref> log;

 private:
  record::batch_builder builder_{record::producer_id{1}};
  std::unique_ptr<shard::retained_store> owned_;
};

}  // namespace headgate::broker::tests
