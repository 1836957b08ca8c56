// Counts what a message costs at the shard where counting is exact: allocations.

#include "tests/support/count_allocations.hpp"
#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

// Streams, a shared subscription and a retained topic, turn after turn: the batch builder, the log, the shard and its
// inboxes have their size after a while, and then allocate nothing.
TEST(steady_state, costs_no_allocation) {
  tests::group_bench bench(2, tests::log_kind::now, 1 << 20);
  bench.add_filter(0, 1, "a");
  bench.add_filter(1, 2, "+");
  bench.join(1, 3, "$share/g/a");
  record::batch_builder builder(record::producer_id{5});
  const std::string payload(64, 'x');
  const auto turn = [&] {
    for (std::uint8_t flags = 0; flags < 3; ++flags) {
      for (int n = 0; n < 20; ++n) {
        builder.add({.topic = "a",
                     .topic_hash = base::hash_of("a"),
                     .flags = flags,
                     .expiry_s = 0xffff'ffff,
                     .properties = {},
                     .payload = base::as_bytes(payload)});
      }
    }
    builder.add({.topic = "r",
                 .topic_hash = base::hash_of("r"),
                 .flags = record::flag_retain,
                 .expiry_s = 0xffff'ffff,
                 .properties = {},
                 .payload = base::as_bytes(payload)});
    bench.credit(1, 3, 100);
    on_publish_batch(bench.state, {base::worker_id{0}, builder.seal()}, base::wall_ms{1}, bench.inboxes);
    bench.run(1);
    for (const auto& message : bench.inboxes[1]->messages) {
      if (const auto* one = std::get_if<link::group_message>(&message)) {
        bench.done(1, 3, bench.inboxes[1]->entries[one->entry].place.value);
      }
    }
    bench.clear_inboxes();
  };
  for (int n = 0; n < 500; ++n) turn();
  const auto before = allocations;
  const auto given = view_of(bench.state).group_messages;
  for (int n = 0; n < 500; ++n) turn();
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_EQ(view_of(bench.state).group_messages - given, 500U * 60U);
}

}  // namespace
}  // namespace headgate::broker::shard
