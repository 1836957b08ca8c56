// Shared subscriptions against a naive model: whatever members join and leave, take, finish and return, each message of
// a group is held by one member at a time and in the end finished once.

#include "tests/unit/broker/shard/group_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::group_bench;
using tests::log_kind;
using tests::owned_message;

using member = std::pair<std::uint16_t, std::uint32_t>;  // worker and filter

struct model_group {
  std::string text;
  std::string filter;
  std::uint64_t begin = 0;
  std::map<member, std::uint32_t> credit;  // of its members
  std::map<std::uint64_t, member> held;
  std::set<std::uint64_t> finished;
  bool exists = false;
};

struct groups_model {
  static constexpr std::uint16_t workers = 3;

  groups_model(tests::dice& dice, log_kind kind) : dice(dice), bench(workers, kind) {
    for (const auto* filter : {"a", "a/b", "#", "+/b"}) {
      for (const auto* name : {"g", "h"}) {
        groups.push_back({std::string("$share/") + name + "/" + filter, filter, 0, {}, {}, {}, false});
      }
    }
    bench.add_filter(0, own_filter, "#");
  }

  // What the shard has said since the last call.
  void take() {
    for (std::uint16_t worker = 0; worker < workers; ++worker) {
      for (const auto& message : bench.given_with_qos(worker)) take_one(worker, message);
      if (worker == 0) {
        const auto records = bench.streamed(0);
        stream.insert(stream.end(), records.begin(), records.end());
      }
    }
    bench.clear_inboxes();
  }
  void take_one(std::uint16_t worker, const group_bench::given_message& message) {
    const member holder{worker, *message.record.filters.begin()};
    auto& group = groups.at(group_of.at(holder));
    const auto place = message.record.place;
    ASSERT_TRUE(mqtt::matches(group.filter, topics.at(message.record.payload)));
    auto& credit = group.credit.at(holder);
    if (!message.only_here) {
      ASSERT_GT(credit, 0U) << group.text;
    }
    if (credit > 0) --credit;
    if (message.qos == 0) {
      ASSERT_TRUE(passing.emplace(group.text, message.record.payload).second) << "QoS 0 given twice";
      return;
    }
    ASSERT_GE(place, group.begin);
    ASSERT_FALSE(group.finished.contains(place)) << group.text << " has finished " << place;
    ASSERT_TRUE(group.held.emplace(place, holder).second) << group.text << " gives " << place << " twice";
  }

  void publish() {
    std::vector<owned_message> messages;
    for (auto count = 1 + dice.below(20); count > 0; --count) {
      messages.push_back(
          {tests::random_topic(dice), static_cast<std::uint8_t>(dice.below(3)), "m", {}, dice.one_in(6)});
    }
    const auto first = bench.published.size();
    bench.append(static_cast<std::uint16_t>(dice.below(workers)), messages);
    for (auto n = first; n < bench.published.size(); ++n) {
      topics[bench.published[n].message.payload] = bench.published[n].message.topic;
    }
  }
  void join() {
    const auto number = dice.below(groups.size());
    auto& group = groups[number];
    const auto worker = static_cast<std::uint16_t>(dice.below(workers));
    const member joining{worker, next_filter++};
    if (!group.exists) {
      group.begin = bench.state.delivered.value;
      group.exists = true;
    }
    bench.join(worker, joining.second, group.text);
    group.credit[joining] = 0;
    group_of[joining] = number;
  }
  void leave() {
    auto* group = &groups[dice.below(groups.size())];
    if (group->credit.empty()) return;
    const auto leaving = group->credit.begin()->first;
    const bool lingers = dice.one_in(2);
    bench.leave(leaving.first, leaving.second, group->text, lingers ? 0xffff'ffff : 0);
    lingering[group->text] = lingering[group->text] || lingers;
    group->credit.erase(leaving);
    std::erase_if(group->held, [&](const auto& one) { return one.second == leaving; });
    if (!group->credit.empty() || lingering[group->text]) return;
    group->exists = false;
    group->held.clear();
    group->finished.clear();
  }
  void finish_or_return() {
    auto& group = groups[dice.below(groups.size())];
    for (auto count = dice.below(10); count > 0 && !group.held.empty(); --count) {
      auto at = std::next(group.held.begin(), dice.below(std::min<std::size_t>(group.held.size(), 20)));
      const auto [worker, id] = at->second;
      if (dice.one_in(3)) {
        using link::group_refusal;
        bench.give_back(worker, id, at->first, dice.one_in(2) ? group_refusal::none : group_refusal::no_room);
      } else if (dice.one_in(4)) {
        bench.hold(worker, id, at->first);
        continue;
      } else {
        bench.done(worker, id, at->first);
        group.finished.insert(at->first);
      }
      group.held.erase(at);
    }
  }
  void give_credit() {
    auto& group = groups[dice.below(groups.size())];
    for (auto& [holder, credit] : group.credit) {
      if (dice.one_in(2)) continue;
      credit = dice.below(30);
      bench.credit(holder.first, holder.second, credit, dice.one_in(4));
    }
  }
  void step() {
    switch (dice.below(12)) {
      case 0:
        join();
        break;
      case 1:
        if (dice.one_in(2)) leave();
        break;
      case 2:
      case 3:
      case 4:
        publish();
        break;
      case 5:
      case 6:
        give_credit();
        break;
      case 7:
        // What no member holds, or another one, changes nothing.
        bench.done(static_cast<std::uint16_t>(dice.below(workers)), dice.below(next_filter + 1) + 100'000, 5);
        break;
      default:
        finish_or_return();
    }
    if (bench.later) {
      if (dice.one_in(3)) bench.later->commit();
      if (dice.one_in(3)) bench.later->answer_reads();
    }
    if (!dice.one_in(4)) bench.run();
  }

  // All that is left goes to members with room, who finish it.
  void finish_all() {
    for (auto& group : groups) {
      if (!group.exists) continue;
      const member last{0, next_filter++};
      bench.join(0, last.second, group.text);
      group.credit[last] = 0;
      group_of[last] = static_cast<std::size_t>(&group - groups.data());
    }
    for (int round = 0; round < 100; ++round) {
      for (auto& group : groups) {
        for (auto& [holder, credit] : group.credit) {
          credit = 1000;
          bench.credit(holder.first, holder.second, credit);
        }
      }
      bench.settle();
      take();
      for (auto& group : groups) {
        for (const auto& [place, holder] : group.held) {
          bench.done(holder.first, holder.second, place);
          group.finished.insert(place);
        }
        group.held.clear();
      }
    }
  }
  void expect_everything_once() const {
    for (const auto& group : groups) {
      if (!group.exists) continue;
      std::set<std::uint64_t> expected;
      for (const auto& published : bench.published) {
        if (published.message.qos == 0 || published.place < group.begin) continue;
        if (mqtt::matches(group.filter, published.message.topic)) expected.insert(published.place);
      }
      EXPECT_EQ(group.finished, expected) << group.text;
    }
    EXPECT_EQ(view_of(bench.state).groups_behind, 0U);
    EXPECT_EQ(stream, bench.expected(0, 0));
  }

  static constexpr std::uint32_t own_filter = 1'000'000;
  tests::dice& dice;
  group_bench bench;
  std::vector<model_group> groups;
  std::map<member, std::size_t> group_of;
  std::map<std::string, bool> lingering;
  std::map<std::string, std::string> topics;  // by payload
  std::set<std::pair<std::string, std::string>> passing;
  std::vector<delivered> stream;  // of worker 0
  std::uint32_t next_filter = 1;
};

class groups_property : public ::testing::TestWithParam<log_kind> {};

INSTANTIATE_TEST_SUITE_P(logs, groups_property, ::testing::Values(log_kind::now, log_kind::later),
                         ::testing::PrintToStringParamName());

TEST_P(groups_property, each_message_has_one_holder_at_a_time_and_is_finished_once) {
  tests::for_each_seed([](tests::dice& dice) {
    groups_model model(dice, GetParam());
    for (int step = 0; step < 2000 && !::testing::Test::HasFailure(); ++step) {
      model.step();
      model.take();
    }
    if (::testing::Test::HasFailure()) return;
    model.finish_all();
    model.expect_everything_once();
    // The run was worth it.
    const auto view = view_of(model.bench.state);
    EXPECT_GT(view.group_messages, 500U);
    EXPECT_GT(view.group_returned, 100U);
    EXPECT_GT(view.group_read_records, 500U);
  });
}

}  // namespace
}  // namespace headgate::broker::shard
