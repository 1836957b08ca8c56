#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::group_bench;
using tests::owned_message;

// One inbox with a message of each kind: every one is answered, in order, and the inbox is empty afterwards.
TEST(run_messages, hands_on_each_kind_with_its_lists) {
  group_bench bench(1);
  bench.publish(0, {{"a", 1, "", {}, true}, {"a", 1, ""}});
  bench.clear_inboxes();

  record::batch_builder builder(record::producer_id{9});
  constexpr base::worker_id worker{0};
  constexpr base::client_ref client{1, 2};
  link::shard_inbox inbox;
  inbox.filters = {99, 1, 5};
  inbox.places = {link::offset{0}, link::offset{1}};
  inbox.messages.emplace_back(link::register_route{worker, link::filter_id{1}, "a", 10});
  inbox.messages.emplace_back(link::register_route{worker, link::filter_id{2}, "$share/g/a", 11});
  inbox.messages.emplace_back(link::group_credit{worker, link::filter_id{2}, 10});
  inbox.messages.emplace_back(link::publish_batch{worker, tests::batch_of(builder, {{"a", 1, "new"}})});
  inbox.messages.emplace_back(link::read_request{worker, client, link::offset{0}, 1, 2, 100, 1000});
  inbox.messages.emplace_back(link::fetch_request{worker, client, 1, 1});
  inbox.messages.emplace_back(link::retained_request{worker, 12, "a", "", link::offset{2}, 10, 1000});
  inbox.messages.emplace_back(link::group_return{worker, link::filter_id{2}, link::offset{2}});
  inbox.messages.emplace_back(link::group_done{worker, link::filter_id{2}, link::offset{0}});
  inbox.messages.emplace_back(link::withdraw_route{worker, link::filter_id{1}, "a", 0});
  inbox.messages.emplace_back(link::barrier{worker, 13});
  run_messages(bench.state, inbox, base::wall_ms{1000}, bench.inboxes);
  EXPECT_TRUE(inbox.empty());
  EXPECT_TRUE(inbox.filters.empty());
  EXPECT_TRUE(inbox.places.empty());
  run_turn(bench.state, tests::shard_bench::at(1000), bench.inboxes);

  EXPECT_EQ(bench.all<link::route_registered>(0).size(), 2U);
  EXPECT_EQ(bench.streamed(0), (std::vector<delivered>{{"new", 2, {1}}}));
  EXPECT_EQ(bench.all<link::appended>(0).size(), 1U);
  std::vector<delivered> read;
  for (const auto& batch : bench.all<link::read_batch>(0)) bench.collect(0, batch, read);
  EXPECT_EQ(read, (std::vector<delivered>{{"#0", 0, {1}}, {"#1", 1, {1}}, {"new", 2, {1}}}));
  std::vector<delivered> fetched;
  for (const auto& batch : bench.all<link::fetch_batch>(0)) bench.collect(0, batch, fetched);
  EXPECT_EQ(fetched, (std::vector<delivered>{{"#1", 1, {}}}));
  EXPECT_EQ(bench.all<link::retained_message>(0).size(), 1U);
  EXPECT_EQ(bench.all<link::retained_end>(0).size(), 1U);
  EXPECT_EQ(bench.all<link::route_withdrawn>(0).size(), 1U);
  ASSERT_EQ(bench.all<link::barrier_passed>(0).size(), 1U);
  EXPECT_EQ(bench.all<link::barrier_passed>(0)[0].number, 13U);
  // Given once live, and once more after it came back.
  EXPECT_EQ(bench.given(0), (std::vector<delivered>{{"new", 2, {2}}, {"new", 2, {2}}}));
  EXPECT_EQ(view_of(bench.state).group_ignored, 1U);
}

}  // namespace
}  // namespace headgate::broker::shard
