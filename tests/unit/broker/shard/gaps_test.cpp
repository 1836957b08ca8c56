// A log with places where nothing is: offsets that were never given, and batches that can be read no more.

#include "tests/support/scripted_log.hpp"
#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::group_bench;
using tests::scripted_log;

constexpr base::client_ref reader{11, 22};
const std::string group = "$share/g/#";

// Messages in batches of their own.
struct log_with_gaps {
  void publish(int count = 1) {
    for (; count > 0; --count) {
      bench.append(0, {{"a", 1, ""}});
      log.commit(log.end());
      bench.run();
    }
  }

  struct answer {
    std::vector<delivered> records;
    link::read_end end;
  };
  answer read(std::uint64_t start) {
    bench.clear_inboxes();
    const std::vector<std::uint32_t> filters{1};
    on_read(bench.state, {base::worker_id{0}, reader, link::offset{start}, 0, 0, 1000, 1'000'000}, filters, {},
            bench.inboxes);
    answer found;
    for (const auto& batch : bench.all<link::read_batch>(0)) bench.collect(0, batch, found.records);
    const auto ends = bench.all<link::read_end>(0);
    EXPECT_EQ(ends.size(), 1U);
    if (!ends.empty()) found.end = ends.front();
    return found;
  }

  // Three messages that were given to the group's only member, and came back, all three.
  void publish_and_return_three() {
    bench.join(0, 7, group);
    bench.credit(0, 7, 10);
    publish(3);
    bench.clear_inboxes();
    bench.credit(0, 7, 0);
    for (std::uint64_t place = 0; place < 3; ++place) bench.give_back(0, 7, place);
  }
  std::vector<delivered> given_again() {
    bench.credit(0, 7, 10);
    for (int turns = 0; turns < 5; ++turns) bench.run();
    EXPECT_FALSE(wants_turn(bench.state));
    EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
    return bench.given(0);
  }

  scripted_log log;
  group_bench bench{1, log};
};

TEST(gaps, reading_goes_past_offsets_that_were_never_given) {
  log_with_gaps run;
  run.bench.add_filter(0, 1, "#");
  run.publish(2);
  run.log.leave_out(100);
  run.publish(2);
  const auto found = run.read(1);
  EXPECT_EQ(found.records, (std::vector<delivered>{{"#1", 1, {1}}, {"#2", 102, {1}}, {"#3", 103, {1}}}));
  EXPECT_TRUE(found.end.at_end);
  EXPECT_EQ(found.end.to, link::offset{104});
  EXPECT_EQ(run.read(50).records.size(), 2U);
}

TEST(gaps, reading_ends_where_there_is_nothing_up_to_the_end) {
  log_with_gaps run;
  run.bench.add_filter(0, 1, "#");
  run.publish(2);
  run.log.lose(link::offset{1});
  const auto found = run.read(1);
  EXPECT_EQ(found.records, std::vector<delivered>{});
  EXPECT_TRUE(found.end.at_end);
  EXPECT_EQ(found.end.to, link::offset{2});
}

// The next batch that can be read may be one that is still to be delivered, and then comes on the stream.
TEST(gaps, reading_does_not_run_ahead_of_the_stream) {
  log_with_gaps run;
  run.bench.add_filter(0, 1, "#");
  run.publish(2);
  run.log.lose(link::offset{1});
  run.bench.append(0, {{"a", 1, ""}});
  run.log.commit(run.log.end());
  const auto found = run.read(1);
  EXPECT_EQ(found.records, std::vector<delivered>{});
  EXPECT_EQ(found.end.to, link::offset{2});
  run.bench.run();
  EXPECT_EQ(run.bench.streamed(0), (std::vector<delivered>{{"#2", 2, {1}}}));
}

TEST(gaps, fetching_leaves_out_what_is_lost) {
  log_with_gaps run;
  run.publish(3);
  run.log.lose(link::offset{1});
  const std::vector<record::offset> places{record::offset{0}, record::offset{1}, record::offset{2}};
  run.bench.clear_inboxes();
  on_fetch(run.bench.state, {base::worker_id{0}, reader}, places, run.bench.inboxes);
  std::vector<delivered> found;
  for (const auto& batch : run.bench.all<link::fetch_batch>(0)) run.bench.collect(0, batch, found);
  EXPECT_EQ(found, (std::vector<delivered>{{"#0", 0, {}}, {"#2", 2, {}}}));
  EXPECT_EQ(run.bench.all<link::fetch_end>(0).size(), 1U);
}

TEST(gaps, group_drops_what_came_back_and_is_lost) {
  for (const std::uint64_t lost : {0U, 1U, 2U}) {
    log_with_gaps run;
    run.publish_and_return_three();
    run.log.lose(link::offset{lost});
    std::vector<delivered> expected{{"#0", 0, {7}}, {"#1", 1, {7}}, {"#2", 2, {7}}};
    expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(lost));
    EXPECT_EQ(run.given_again(), expected);
    EXPECT_EQ(view_of(run.bench.state).group_lost_offsets, 1U);
  }
}

TEST(gaps, group_drops_all_that_came_back_when_all_is_lost) {
  log_with_gaps run;
  run.publish_and_return_three();
  for (const std::uint64_t lost : {0U, 1U, 2U}) run.log.lose(link::offset{lost});
  EXPECT_EQ(run.given_again(), std::vector<delivered>{});
  EXPECT_EQ(view_of(run.bench.state).group_lost_offsets, 3U);
}

TEST(gaps, group_that_is_behind_goes_past_them) {
  for (const bool to_the_end : {false, true}) {
    log_with_gaps run;
    run.bench.join(0, 7, group);
    run.publish(2);
    run.log.leave_out(100);
    run.publish(1);
    run.bench.clear_inboxes();
    run.log.lose(link::offset{1});
    if (to_the_end) run.log.lose(link::offset{102});
    std::vector<delivered> expected{{"#0", 0, {7}}};
    if (!to_the_end) expected.push_back({"#2", 102, {7}});
    EXPECT_EQ(run.given_again(), expected);
  }
}

}  // namespace
}  // namespace headgate::broker::shard
