// Shared subscriptions outlive the process with their members' sessions: the log has them.

#include "broker/shard/group_record.hpp"
#include "tests/unit/broker/log/log_house.hpp"
#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::group_bench;
using tests::log_house;
using tests::owned_message;

const std::string group_text = "$share/g/a";
constexpr std::uint64_t begin_ms = 1'000'000;

std::vector<std::string> payloads(const std::vector<delivered>& records) {
  std::vector<std::string> found;
  for (const auto& record : records) found.push_back(record.payload);
  return found;
}

using texts = std::vector<std::string>;

void kill_and_open(log_house& house) {
  house.kill();
  ASSERT_TRUE(house.open());
}

// Until the log has answered all that it is asked.
void settle(group_bench& bench, log_house& house) {
  for (int turns = 0; turns < 20; ++turns) {
    bench.run(begin_ms);
    house.settle();
  }
}

TEST(group_log, goes_on_with_what_nobody_has_done_with) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(1, *house.log);
    bench.join(0, 1, group_text, 60);
    bench.credit(0, 1, 3);
    bench.append(0, {{"a", 1, ""}, {"a", 1, ""}, {"b", 1, ""}, {"a", 2, ""}, {"a", 1, ""}});
    bench.run();
    const auto given = bench.given(0);
    ASSERT_EQ(payloads(given), (texts{"#0", "#1", "#3"}));
    bench.done(0, 1, given[1].place);
    bench.run(begin_ms + 2000);  // it is logged once a second
  }
  kill_and_open(house);
  group_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms}));
  EXPECT_EQ(view_of(bench.state).groups, 1U);
  bench.join(0, 9, group_text, 60);
  bench.credit(0, 9, 10);
  settle(bench, house);
  EXPECT_EQ(payloads(bench.given(0)), (texts{"#0", "#3", "#4"}));
}

// Before the next message: who was told that it has subscribed misses none.
TEST(group_log, is_there_as_soon_as_a_member_has_subscribed) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(1, *house.log);
    bench.append(0, {{"a", 1, ""}});
    bench.run();
    bench.join(0, 1, group_text, 60);
    bench.run();
    bench.append(0, {{"a", 1, ""}});
    bench.run();
  }
  kill_and_open(house);
  group_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms}));
  bench.join(0, 1, group_text, 60);
  bench.credit(0, 1, 10);
  settle(bench, house);
  EXPECT_EQ(payloads(bench.given(0)), texts{"#1"});
}

TEST(group_log, of_sessions_that_end_with_the_process_is_not_there) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(1, *house.log);
    bench.join(0, 1, group_text);
    bench.append(0, {{"a", 1, ""}});
    bench.run();
    bench.run(begin_ms + 2000);
    EXPECT_EQ(view_of(bench.state).groups_logged, 0U);
  }
  kill_and_open(house);
  group_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms}));
  EXPECT_EQ(view_of(bench.state).groups, 0U);
}

TEST(group_log, that_has_ended_stays_so) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(1, *house.log);
    bench.join(0, 1, group_text, 60);
    bench.run();
    bench.leave(0, 1, group_text, 0);
    bench.run(begin_ms + 2000);
    EXPECT_EQ(view_of(bench.state).groups_logged, 2U);
  }
  kill_and_open(house);
  group_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms}));
  EXPECT_EQ(view_of(bench.state).groups, 0U);
}

TEST(group_log, ends_when_nobody_has_come_back_for_so_long_as_sessions_live) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(1, *house.log);
    bench.join(0, 1, group_text, 60);
    bench.join(0, 2, "$share/h/a", 10);
    bench.leave(0, 2, "$share/h/a", 100, begin_ms);
    bench.run(begin_ms + 2000);
  }
  kill_and_open(house);
  group_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms + 50'000}));
  bench.run(begin_ms + 99'000);
  EXPECT_EQ(view_of(bench.state).groups, 2U);
  bench.run(begin_ms + 101'000);  // the one that had gone before has its own time
  EXPECT_EQ(view_of(bench.state).groups, 1U);
  bench.run(begin_ms + 111'000);
  EXPECT_EQ(view_of(bench.state).groups, 0U);
}

TEST(group_log, changes_are_written_once_a_second) {
  log_house house;
  ASSERT_TRUE(house.open());
  group_bench bench(1, *house.log);
  bench.join(0, 1, group_text, 60);
  bench.credit(0, 1, 1000);
  for (std::uint64_t n = 0; n < 100; ++n) {
    bench.append(0, {{"a", 1, ""}}, begin_ms + n * 50);
    bench.run(begin_ms + n * 50);
  }
  EXPECT_GE(view_of(bench.state).groups_logged, 5U);
  EXPECT_LE(view_of(bench.state).groups_logged, 6U);
}

// Its SUBACK may be behind: what is committed there is behind the group, too.
TEST(group_log, member_hears_when_the_device_has_its_group) {
  log_house house;
  house.options.commit = log::commit_policy::disk;
  ASSERT_TRUE(house.open());
  group_bench bench(1, *house.log);
  bench.join(0, 1, "$share/ends/a", 0);
  EXPECT_EQ(bench.all<link::route_registered>(0).size(), 1U);
  bench.join(0, 2, group_text, 60);
  bench.join(0, 3, "$share/h/a", 60);
  bench.run();
  EXPECT_EQ(bench.all<link::route_registered>(0).size(), 1U);
  bench.leave(0, 3, "$share/h/a", 0);
  EXPECT_EQ(bench.all<link::route_registered>(0).size(), 2U) << "before it hears that it has left";
  house.settle();
  bench.run();
  EXPECT_EQ(bench.all<link::route_registered>(0).size(), 3U);
}

// With a session that lives longer than those before, or the group would end with these.
TEST(group_log, lives_as_long_as_the_session_of_whoever_was_told_that_it_has_joined) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(2, *house.log);
    bench.join(0, 1, group_text, 60);
    bench.run(begin_ms);
    bench.join(1, 1, group_text, 6000);
    bench.run(begin_ms + 1);
    EXPECT_EQ(bench.all<link::route_registered>(1).size(), 1U);
  }
  kill_and_open(house);
  group_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms}));
  bench.run(begin_ms + 5'000'000);
  EXPECT_EQ(view_of(bench.state).groups, 1U);
}

TEST(group_log, a_new_one_is_written_without_the_others) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(1, *house.log);
    bench.join(0, 1, group_text, 60);
    bench.credit(0, 1, 10);
    bench.run(begin_ms);
    bench.append(0, {{"a", 1, ""}});
    bench.run(begin_ms + 1);
    bench.join(0, 2, "$share/h/a", 60);
    bench.run(begin_ms + 2);
  }
  kill_and_open(house);
  std::vector<texts> records;
  ASSERT_TRUE(house.log->replay([&](const record::batch_header& batch) {
    record::for_each_record(const_cast<record::batch_header&>(batch), [&](const record::record_header& record) {
      if (record.kind != record::kind::groups) return;
      records.emplace_back();
      const auto groups = decode_groups(record.payload()).value_or(std::vector<stored_group>{});
      for (const auto& group : groups) records.back().push_back(group.text);
    });
  }));
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back(), texts{"$share/h/a"});
}

// No log says so, unless somebody has written into it.
TEST(group_log, of_the_future_is_none) {
  log_house house;
  ASSERT_TRUE(house.open());
  {
    group_bench bench(1, *house.log);
    bench.append(0, {{"a", 1, ""}});
    bench.run();  // with a snapshot
    const own_record record{record::kind::groups,
                            encode_groups({{group_text, 60, 0, link::offset{1ULL << 60}, {}}}).front()};
    append_own(bench.state, {&record, 1}, base::wall_ms{begin_ms}, bench.inboxes);
    bench.run();
  }
  kill_and_open(house);
  group_bench bench(1, *house.log);
  EXPECT_FALSE(fold_log(bench.state, base::wall_ms{begin_ms}));
  EXPECT_EQ(view_of(bench.state).groups, 0U);
}

TEST(group_log, that_the_disk_had_no_room_for_is_there_with_the_next_message) {
  for (const bool is_new : {true, false}) {
    log_house house;
    ASSERT_TRUE(house.open());
    {
      group_bench bench(1, *house.log);
      bench.append(0, {{"a", 1, ""}});
      bench.run();
      if (!is_new) {
        bench.join(0, 1, group_text, 60);
        bench.run();
      }
      house.disk.capacity = house.disk.used();
      if (is_new) {
        bench.join(0, 1, group_text, 60);
        bench.run();
        EXPECT_EQ(bench.all<link::route_registered>(0).size(), 0U);
      } else {
        bench.leave(0, 1, group_text, 0);
        bench.run(begin_ms + 2000);
      }
      house.disk.capacity = ~std::uint64_t{0};
      house.settle();
      bench.append(0, {{"a", 1, ""}}, begin_ms + 20'000);
      bench.run(begin_ms + 20'000);
      house.settle();
      ASSERT_EQ(bench.all<link::refused>(0).size(), 0U);
      bench.run(begin_ms + 20'000);
      EXPECT_EQ(bench.all<link::route_registered>(0).size(), 1U);
    }
    kill_and_open(house);
    group_bench bench(1, *house.log);
    ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms}));
    EXPECT_EQ(view_of(bench.state).groups, is_new ? 1U : 0U);
  }
}

TEST(group_log, snapshot_of_very_many_is_cut_into_records) {
  log_house house;
  ASSERT_TRUE(house.open());
  constexpr std::size_t count = 60;
  {
    group_bench bench(1, *house.log);
    for (std::uint32_t n = 0; n < count; ++n) {
      bench.join(0, n, "$share/" + std::to_string(n) + std::string(60'000, 'g') + "/a", 60);
    }
    bench.append(0, {{"a", 1, ""}});
    bench.run();
    bench.append(0, {{"a", 1, ""}});
    bench.run();
  }
  kill_and_open(house);
  std::size_t largest = 0;
  std::size_t snapshots = 0;
  std::size_t with_snapshot = 0;
  ASSERT_TRUE(house.log->replay([&](const record::batch_header& batch) {
    bool here = false;
    record::for_each_record(const_cast<record::batch_header&>(batch), [&](const record::record_header& record) {
      largest = std::max<std::size_t>(largest, record.size);
      if (record.kind == record::kind::snapshot) here = true;
      if (here && record.kind == record::kind::groups) ++with_snapshot;
    });
    snapshots += here ? 1 : 0;
  }));
  EXPECT_LT(largest, 1'200'000U);
  EXPECT_GE(snapshots, 1U);
  EXPECT_GT(with_snapshot, 3U);
  group_bench bench(1, *house.log);
  ASSERT_TRUE(fold_log(bench.state, base::wall_ms{begin_ms}));
  EXPECT_EQ(view_of(bench.state).groups, count);
}

// Whatever is lost with the process, no message is: each comes to somebody, and those that were done a second before do
// not come again.
TEST(group_log, property_every_message_comes_to_some_member_of_some_life) {
  tests::for_each_seed([](tests::dice& dice) {
    log_house house;
    house.options.segment_bytes = 2000 + dice.below(4000);
    ASSERT_TRUE(house.open());
    std::uint64_t now = begin_ms;
    std::uint64_t sent = 0;
    std::set<std::string> finished;
    std::set<std::string> finished_for_good;
    bool joined_before = false;
    for (int life = 0; life < 5; ++life) {
      group_bench bench(1, *house.log);
      ASSERT_TRUE(fold_log(bench.state, base::wall_ms{now}));
      ASSERT_EQ(view_of(bench.state).groups, joined_before ? 1U : 0U);
      bench.join(0, 1, group_text, 1000);
      joined_before = true;
      std::set<std::string> finished_here;
      bench.run(now);
      for (auto turns = 5 + dice.below(60); turns > 0; --turns) {
        now += dice.below(400);
        bench.credit(0, 1, dice.below(6));
        std::vector<owned_message> messages;
        for (auto left = dice.below(4); left > 0; --left) {
          messages.push_back({"a", static_cast<std::uint8_t>(1 + dice.below(2)), std::to_string(sent++)});
        }
        if (!messages.empty()) bench.append(0, std::move(messages), now);
        bench.run(now);
        house.settle();
        bench.run(now);
        for (const auto& given : bench.given(0)) {
          const auto number = given.payload.substr(0, given.payload.find('#'));
          ASSERT_FALSE(finished_for_good.contains(number)) << number;
          if (dice.one_in(4)) {
            bench.give_back(0, 1, given.place);
          } else if (!dice.one_in(4)) {
            bench.done(0, 1, given.place);
            finished_here.insert(number);
          }
        }
        bench.clear_inboxes();
      }
      if (dice.one_in(2)) {
        now += 2000;
        bench.run(now);
        finished_for_good.insert(finished_here.begin(), finished_here.end());
      }
      finished.insert(finished_here.begin(), finished_here.end());
      house.kill();
      ASSERT_TRUE(house.open());
    }
    group_bench bench(1, *house.log);
    ASSERT_TRUE(fold_log(bench.state, base::wall_ms{now}));
    bench.join(0, 1, group_text, 1000);
    for (std::uint64_t round = 0; round < sent + 10; ++round) {
      bench.credit(0, 1, 100);
      bench.run(now);
      house.settle();
      for (const auto& given : bench.given(0)) {
        bench.done(0, 1, given.place);
        finished.insert(given.payload.substr(0, given.payload.find('#')));
      }
      bench.clear_inboxes();
      if (finished.size() == sent) break;
    }
    EXPECT_EQ(finished.size(), sent);
  });
}

std::string payload_of(const stored_group& group) {
  return encode_groups({group}).front();
}

TEST(group_record, has_these_bytes) {
  const std::string expected(
      "\2\1\0\0\0\0\0\0"
      "\x9a\0\0\0\0\0\0\0"
      "\x3c\0\0\0\x0a\0\0\0"
      "\1\0\0\0\0\0\0\0"
      "$share/g/a"
      "\x98\0\0\0\0\0\0\0",
      50);
  EXPECT_EQ(payload_of({"$share/g/a", 60, 0x0102, link::offset{0x9a}, {link::offset{0x98}}}), expected);
}

TEST(group_record, what_is_none_is_refused) {
  const auto whole = payload_of({"$share/g/a", 60, 7, link::offset{9}, {link::offset{3}, link::offset{8}}});
  EXPECT_TRUE(decode_groups(base::as_bytes(whole)));
  EXPECT_TRUE(decode_groups({}));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_groups(base::as_bytes(std::string_view(whole).substr(0, size)))) << size;
  }
  const auto descends = payload_of({"$share/g/a", 60, 7, link::offset{9}, {link::offset{8}, link::offset{3}}});
  EXPECT_FALSE(decode_groups(base::as_bytes(descends)));
  const auto above = payload_of({"$share/g/a", 60, 7, link::offset{9}, {link::offset{9}}});
  EXPECT_FALSE(decode_groups(base::as_bytes(above)));
}

TEST(group_record, property_round_trips_and_other_bytes_do_no_harm) {
  tests::for_each_seed([](tests::dice& dice) {
    for (int n = 0; n < 300; ++n) {
      std::vector<stored_group> groups;
      for (auto left = dice.below(4); left > 0; --left) {
        stored_group group{"$share/g/" + std::to_string(dice.bits()),
                           static_cast<std::uint32_t>(dice.bits()),
                           dice.bits(),
                           link::offset{1'000'000'000},
                           {}};
        std::uint64_t place = 0;
        for (auto undone = dice.below(20); undone > 0; --undone) {
          group.undone.push_back(link::offset{place += 1 + dice.below(100)});
        }
        groups.push_back(std::move(group));
      }
      auto payloads = encode_groups(groups);
      ASSERT_EQ(payloads.size(), groups.empty() ? 0U : 1U);
      if (payloads.empty()) continue;
      auto& bytes = payloads.front();
      ASSERT_EQ(decode_groups(base::as_bytes(bytes)), groups);
      bytes[dice.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(dice.below(256));
      decode_groups(base::as_bytes(bytes));
    }
  });
}

}  // namespace
}  // namespace headgate::broker::shard
