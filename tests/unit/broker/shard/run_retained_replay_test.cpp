#include <optional>

#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::owned_message;

// A log on disk that was not closed in order: it has batches up to a gap, which nothing fills, and goes on behind it.
class log_with_a_gap final : public log::log_store {
 public:
  static constexpr std::uint64_t behind_gap = 100;

  std::uint32_t id() const override { return 1; }
  record::offset start() const override { return record::offset{0}; }
  record::offset end() const override { return end_; }
  record::offset committed() const override { return end_; }
  void append(log::batch_ref batch) override {
    const auto& header = batch.header();
    end_ = record::offset{header.base_offset + header.count};
    batches_.push_back(std::move(batch));
  }
  record::offset flush(base::instant) override { return end_; }
  log::read_result read(record::offset from) override {
    ++reads;
    for (const auto& batch : batches_) {
      const auto& header = batch.header();
      if (header.base_offset + header.count > from.value) return {.batch = batch, .later = false};
    }
    return {};
  }
  std::uint64_t bytes() const override { return 0; }

  void leave_a_gap() { end_ = record::offset{behind_gap}; }
  int reads = 0;

 private:
  record::offset end_;
  std::vector<log::batch_ref> batches_;
};

// A store that has room only when the test says so.
class narrow_store final : public retained_store {
 public:
  record::offset applied() const override { return inner.applied(); }
  bool has_room() const override { return room; }
  void apply(const record::batch_ref& batch, std::span<const placed_record> records, record::offset to) override {
    EXPECT_TRUE(room);
    inner.apply(batch, records, to);
  }
  bool surely_none(std::string_view filter) const override { return inner.surely_none(filter); }
  bool scan(const retained_query& query, retained_answer& answer) override { return inner.scan(query, answer); }
  retained_view view() const override { return inner.view(); }

  memory_retained_store inner{1U << 30};
  bool room = true;
};

record::batch_ref retained_batch(record::batch_builder& builder, const std::string& topic, std::uint64_t base_offset) {
  auto batch = tests::batch_of(builder, {owned_message{topic, 1, "x", {}, true}});
  batch.header().base_offset = base_offset;
  return batch;
}

TEST(run_retained_replay, goes_on_behind_offsets_that_nothing_has) {
  log_with_a_gap log;
  record::batch_builder builder{record::producer_id{1}};
  log.append(retained_batch(builder, "a", 0));
  log.append(retained_batch(builder, "b", 1));
  log.leave_a_gap();
  memory_retained_store store(1U << 30);
  shard_state state(base::shard_id{0}, log, store, 100);
  inboxes none;
  run_turn(state, {base::monotonic_ms{1}, base::wall_ms{1}}, none);
  EXPECT_EQ(store.applied(), state.delivered);
  EXPECT_EQ(store.view().messages, 2U);
  EXPECT_FALSE(wants_turn(state));
  EXPECT_EQ(log.reads, 3);
}

// What is committed and not delivered yet is given when it is delivered.
TEST(run_retained_replay, leaves_what_is_still_to_be_delivered) {
  log_with_a_gap log;
  record::batch_builder builder{record::producer_id{1}};
  log.append(retained_batch(builder, "a", 0));
  log.leave_a_gap();
  memory_retained_store store(1U << 30);
  shard_state state(base::shard_id{0}, log, store, 100);
  log.append(retained_batch(builder, "b", log_with_a_gap::behind_gap));
  run_retained_replay(state);
  EXPECT_EQ(store.applied(), record::offset{log_with_a_gap::behind_gap});
  EXPECT_EQ(store.view().messages, 1U);
}

TEST(run_retained_replay, gives_what_found_no_room_when_there_is_some) {
  narrow_store store;
  log::memory_log log(1U << 30);
  shard_state state(base::shard_id{0}, log, store, 100);
  link::worker_inbox inbox;
  inboxes inboxes{&inbox};
  record::batch_builder builder{record::producer_id{1}};
  const auto publish = [&](const std::string& topic) {
    auto batch = tests::batch_of(builder, {owned_message{topic, 1, "x", {}, true}});
    shard::on_publish_batch(state, {base::worker_id{0}, batch}, base::wall_ms{1}, inboxes);
  };
  publish("a");
  store.room = false;
  publish("b");
  run_turn(state, {base::monotonic_ms{1}, base::wall_ms{1}}, inboxes);
  EXPECT_FALSE(wants_turn(state)) << "the store wakes the worker";
  EXPECT_EQ(store.applied(), record::offset{1});
  store.room = true;
  publish("c");
  EXPECT_EQ(store.applied(), record::offset{1}) << "in order";
  run_turn(state, {base::monotonic_ms{1}, base::wall_ms{1}}, inboxes);
  EXPECT_EQ(store.applied(), record::offset{3});
  EXPECT_EQ(store.view().messages, 3U);
}

}  // namespace
}  // namespace headgate::broker::shard
