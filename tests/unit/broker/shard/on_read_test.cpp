#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::owned_message;
using tests::shard_bench;

constexpr base::client_ref reader{11, 22};

// The answer to one READ.
struct answer {
  std::vector<delivered> records;
  std::vector<std::uint64_t> timestamps_ms;  // of the batches
  link::read_end end;
};

constexpr std::uint32_t any_number = 1U << 30;

std::vector<std::string_view> texts_of(const shard_bench& bench, std::uint16_t worker,
                                       const std::vector<std::uint32_t>& filters) {
  std::vector<std::string_view> texts;
  for (const auto id : filters) texts.push_back(bench.filters.at(worker).at(id));
  return texts;
}

// The client holds the filters named; any_filter stands for all that its worker has.
const std::vector<std::uint32_t> any_filter;

answer read(shard_bench& bench, std::uint16_t worker, std::uint64_t start, std::uint32_t max_bytes = any_number,
            std::uint32_t places = any_number, std::vector<std::uint32_t> filters = any_filter) {
  bench.clear_inboxes();
  if (filters.empty()) {
    for (const auto& [id, text] : bench.filters[worker]) filters.push_back(id);
  }
  link::read_request request{.from = base::worker_id{worker}, .client = reader, .start = link::offset{start}};
  request.places = places;
  request.max_bytes = max_bytes;
  on_read(bench.state, request, filters, texts_of(bench, worker, filters), bench.inboxes);
  for (std::size_t other = 0; other < bench.inboxes.size(); ++other) {
    EXPECT_TRUE(other == worker || bench.inboxes[other]->messages.empty());
  }
  answer found;
  const auto& messages = bench.inboxes[worker]->messages;
  for (const auto& message : messages) {
    if (const auto* batch = std::get_if<link::read_batch>(&message)) {
      EXPECT_EQ(batch->client, reader);
      bench.collect(worker, *batch, found.records);
      found.timestamps_ms.push_back(batch->timestamp_ms);
    }
  }
  EXPECT_EQ(bench.inboxes[worker]->batches.size(), found.timestamps_ms.size());
  if (messages.empty() || !std::holds_alternative<link::read_end>(messages.back())) {
    ADD_FAILURE() << "the answer has no end";
    return found;
  }
  found.end = std::get<link::read_end>(messages.back());
  EXPECT_EQ(found.end.client, reader);
  return found;
}

TEST(on_read, an_empty_log_is_at_its_end) {
  shard_bench bench(1);
  const auto found = read(bench, 0, 0);
  EXPECT_TRUE(found.records.empty());
  EXPECT_TRUE(found.end.at_end);
  EXPECT_EQ(found.end.to, link::offset{0});
  EXPECT_EQ(found.end.lost, 0U);
}

TEST(on_read, carries_the_batches_timestamps_and_leaves_out_batches_without_a_match) {
  shard_bench bench(1);
  bench.add_filter(0, 1, "a");
  bench.publish(0, {{"a", 1, ""}}, 1000);
  bench.publish(0, {{"b", 1, ""}}, 2000);
  bench.publish(0, {{"a", 1, ""}}, 3000);
  const auto found = read(bench, 0, 0);
  EXPECT_EQ(found.timestamps_ms, (std::vector<std::uint64_t>{1000, 3000}));
  EXPECT_EQ(found.end.to, link::offset{3});
}

TEST(on_read, what_retention_took_is_counted_as_lost) {
  shard_bench bench(1, tests::log_kind::now, 1000);
  bench.add_filter(0, 1, "#");
  for (int n = 0; n < 10; ++n) bench.publish(0, {{"a", 1, std::string(400, 'x')}, {"a", 1, ""}});
  const auto start = bench.log.start().value;
  ASSERT_EQ(start, 18U);
  auto found = read(bench, 0, 5);
  EXPECT_EQ(found.end.lost, 13U);
  EXPECT_EQ(found.end.to, link::offset{20});
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[0].place, 18U);
  found = read(bench, 0, start);
  EXPECT_EQ(found.end.lost, 0U);
}

TEST(on_read, stops_when_it_has_scanned_enough_also_inside_a_batch) {
  shard_bench bench(1);
  bench.add_filter(0, 1, "wanted");
  // Ten batches of ten records of about 1,000 bytes; every second one is wanted.
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<owned_message> messages;
    for (int n = 0; n < 10; ++n) messages.push_back({n % 2 == 0 ? "wanted" : "other", 1, std::string(950, 'x')});
    bench.publish(0, messages);
  }
  auto found = read(bench, 0, 0, 3500);
  EXPECT_EQ(found.end.to, link::offset{4});
  EXPECT_FALSE(found.end.at_end);
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[1].place, 2U);
  EXPECT_EQ(bench.state.counters.read_records, 4U);
  // At least one record, whatever was asked for.
  found = read(bench, 0, 7, 0);
  EXPECT_TRUE(found.records.empty());
  EXPECT_EQ(found.end.to, link::offset{8});
  // The last record is the end even where no more may be scanned.
  found = read(bench, 0, 99, 1);
  EXPECT_EQ(found.end.to, link::offset{100});
  EXPECT_TRUE(found.end.at_end);
}

TEST(on_read, answers_only_what_the_clients_own_filters_match) {
  shard_bench bench(1);
  bench.add_filter(0, 1, "a");
  bench.add_filter(0, 2, "+");
  bench.add_filter(0, 3, "b");
  bench.publish(0, {{"a", 1, ""}, {"b", 1, ""}, {"c", 1, ""}});
  const auto found = read(bench, 0, 0, any_number, any_number, {1, 3});
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[0].filters, (std::multiset<std::uint32_t>{1}));
  EXPECT_EQ(found.records[1].filters, (std::multiset<std::uint32_t>{3}));
  EXPECT_TRUE(found.end.at_end);
}

// However much of what others want stands between: the scan goes on until the client's places are filled.
TEST(on_read, ends_soon_after_it_found_what_the_client_has_room_for) {
  shard_bench bench(1);
  bench.add_filter(0, 1, "wanted");
  for (int n = 0; n < 2000; ++n) bench.publish(0, {{n % 100 == 99 ? "wanted" : "other", 1, ""}});
  const auto found = read(bench, 0, 0, any_number, 3);
  EXPECT_EQ(found.records.size(), 3U);
  EXPECT_GE(found.end.to, link::offset{300});
  EXPECT_LT(found.end.to, link::offset{300 + 16});
  EXPECT_FALSE(found.end.at_end);
}

// The model: every QoS 1 record in the log from an offset on that a filter of the worker matches now.
std::vector<delivered> readable(const shard_bench& bench, std::uint16_t worker, std::uint64_t from) {
  std::set<std::string> logged;
  for (const auto& published : bench.published) {
    if (published.message.qos > 0) logged.insert(published.message.payload);
  }
  auto records = bench.expected(worker, 0);
  std::erase_if(records,
                [&](const delivered& record) { return record.place < from || !logged.contains(record.payload); });
  return records;
}

void expect_reads_like_the_model(tests::dice& dice, std::size_t workers) {
  shard_bench bench(workers, tests::log_kind::now, 20'000, 50);
  for (std::uint16_t worker = 0; worker < workers; ++worker) {
    for (std::uint32_t id = 0; id < 3; ++id) bench.add_filter(worker, id + 10 * worker, tests::random_filter(dice));
  }
  for (int step = 0; step < 40; ++step) {
    std::vector<owned_message> messages;
    for (auto count = 1 + dice.below(40); count > 0; --count) {
      messages.push_back({tests::random_topic(dice), static_cast<std::uint8_t>(dice.below(2)), "m"});
    }
    bench.publish(static_cast<std::uint16_t>(dice.below(workers)), messages);
  }
  const auto start = bench.log.start().value;
  ASSERT_GT(start, 0U);
  for (std::uint64_t from = start > 5 ? start - 5 : 0; from <= bench.next_offset; ++from) {
    for (std::uint16_t worker = 0; worker < workers; ++worker) {
      const auto found = read(bench, worker, from);
      ASSERT_EQ(found.records, readable(bench, worker, std::max(from, start))) << "from " << from;
      ASSERT_EQ(found.end.lost, from < start ? start - from : 0);
      ASSERT_EQ(found.end.to.value, bench.next_offset);
      ASSERT_TRUE(found.end.at_end);
    }
  }
}

TEST(on_read, property_parts_make_the_whole) {
  tests::for_each_seed([](tests::dice& dice) {
    shard_bench bench(1);
    for (std::uint32_t id = 0; id < 3; ++id) bench.add_filter(0, id, tests::random_filter(dice));
    for (int step = 0; step < 20; ++step) {
      std::vector<owned_message> messages;
      for (auto count = 1 + dice.below(60); count > 0; --count) {
        messages.push_back({tests::random_topic(dice), static_cast<std::uint8_t>(dice.below(2)), "m"});
      }
      bench.publish(0, messages);
    }
    std::vector<delivered> records;
    std::uint64_t at = 0;
    for (bool at_end = false; !at_end;) {
      const auto found = read(bench, 0, at, dice.below(4000));
      ASSERT_GT(found.end.to.value, at);
      records.insert(records.end(), found.records.begin(), found.records.end());
      at = found.end.to.value;
      at_end = found.end.at_end;
    }
    EXPECT_EQ(at, bench.next_offset);
    EXPECT_EQ(records, readable(bench, 0, 0));
    EXPECT_EQ(bench.state.counters.read_records, bench.next_offset);
  });
}

TEST(on_read, property_from_every_offset_exactly_what_matches_for_one_worker) {
  tests::for_each_seed([](tests::dice& dice) { expect_reads_like_the_model(dice, 1); });
}

TEST(on_read, property_from_every_offset_exactly_what_matches_for_three_workers) {
  tests::for_each_seed([](tests::dice& dice) { expect_reads_like_the_model(dice, 3); });
}

TEST(on_read, one_look_up_a_record_read) {
  shard_bench bench(1);
  bench.add_filter(0, 1, "a/#");
  std::vector<owned_message> messages;
  for (int n = 0; n < 40; ++n) messages.push_back({"a/" + std::to_string(n), static_cast<std::uint8_t>(n % 2), ""});
  bench.publish(0, messages);
  const auto before = bench.state.counters;
  read(bench, 0, 5);
  EXPECT_EQ(bench.state.counters.topic_lookups - before.topic_lookups, 15U);
  EXPECT_EQ(bench.state.counters.read_records, 15U);
  EXPECT_EQ(bench.state.counters.reads, 1U);
}

TEST(on_read, what_is_logged_at_qos_0_for_its_retain_went_out_live) {
  shard_bench bench(1);
  bench.add_filter(0, 1, "a");
  bench.publish(0, {{"a", 1, ""}, {"a", 0, "", {}, true}, {"a", 1, "", {}, true}});
  const auto found = read(bench, 0, 0);
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[1].place, 2U);
  EXPECT_EQ(found.end.to, link::offset{3});
}

// ---- what a turn has room for

// Asks with all filters of the worker, each time as another client.
void ask_as(shard_bench& bench, std::uint32_t client, std::uint64_t start) {
  std::vector<std::uint32_t> filters;
  for (const auto& [id, text] : bench.filters[0]) filters.push_back(id);
  link::read_request request{.from = base::worker_id{0}, .client = {client, 0}, .start = link::offset{start}};
  request.places = any_number;
  request.max_bytes = base::log_read_bytes_per_turn;
  on_read(bench.state, request, filters, texts_of(bench, 0, filters), bench.inboxes);
}

std::vector<std::uint32_t> answered(const shard_bench& bench) {
  std::vector<std::uint32_t> clients;
  for (const auto& end : bench.all<link::read_end>(0)) clients.push_back(end.client.index);
  return clients;
}

// A bench whose log has eight times what a turn reads of it at least, in messages of 1,000 bytes.
void fill(shard_bench& bench) {
  bench.add_filter(0, 1, "a");
  constexpr auto messages = 8 * base::log_read_bytes_least / 1000;
  for (std::size_t n = 0; n < messages; ++n) bench.publish(0, {{"a", 1, std::string(950, 'x')}});
  bench.run();  // what was appended in one turn counts for the next
  bench.run();
  bench.clear_inboxes();
}

TEST(on_read_turn, so_much_for_all_and_who_has_to_wait_comes_first_in_the_next) {
  shard_bench bench(1);
  fill(bench);
  ask_as(bench, 1, 0);
  ask_as(bench, 2, 0);
  ask_as(bench, 3, 0);
  EXPECT_EQ(answered(bench), (std::vector<std::uint32_t>{1}));
  const auto bytes = bench.all<link::read_end>(0)[0].to.value * 1000;
  EXPECT_GT(bytes, base::log_read_bytes_least / 2);
  EXPECT_LE(bytes, base::log_read_bytes_least);
  bench.run();
  EXPECT_EQ(answered(bench), (std::vector<std::uint32_t>{1}));
  EXPECT_TRUE(wants_turn(bench.state));
  ask_as(bench, 1, 70);
  bench.run();
  EXPECT_EQ(answered(bench), (std::vector<std::uint32_t>{1, 2}));
  bench.run();
  bench.run();
  EXPECT_EQ(answered(bench), (std::vector<std::uint32_t>{1, 2, 3, 1}));
  EXPECT_FALSE(wants_turn(bench.state));
}

TEST(on_read_turn, where_much_is_appended_more_is_read) {
  shard_bench bench(1);
  fill(bench);
  // As much as the turn reads at least: the next one reads four times that.
  for (std::size_t n = 0; n < base::log_read_bytes_least / 1000; ++n) {
    bench.publish(0, {{"b", 1, std::string(950, 'x')}});
  }
  bench.run();
  bench.clear_inboxes();
  ask_as(bench, 1, 0);
  const auto ends = bench.all<link::read_end>(0);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_GT(ends[0].to.value * 1000, 2 * base::log_read_bytes_least);
  EXPECT_LE(ends[0].to.value * 1000, base::log_read_times_appended * base::log_read_bytes_least);
}

TEST(on_read_turn, where_nothing_was_appended_for_a_while_more_is_read) {
  shard_bench bench(1);
  fill(bench);
  bench.run(1'000'000 + base::log_read_quiet_ms - 1);
  ask_as(bench, 1, 0);
  EXPECT_FALSE(bench.all<link::read_end>(0).at(0).at_end);
  bench.run(1'000'000 + base::log_read_quiet_ms);
  ask_as(bench, 2, 0);
  EXPECT_TRUE(bench.all<link::read_end>(0).at(1).at_end);
}

// ---- with a log that answers later

using tests::log_kind;

void ask(shard_bench& bench, std::uint64_t start, std::uint32_t max_bytes) {
  std::vector<std::uint32_t> filters;
  for (const auto& [id, text] : bench.filters[0]) filters.push_back(id);
  link::read_request request{.from = base::worker_id{0}, .client = reader, .start = link::offset{start}};
  request.places = any_number;
  request.max_bytes = max_bytes;
  on_read(bench.state, request, filters, texts_of(bench, 0, filters), bench.inboxes);
}

TEST(on_read_later, waits_and_is_at_the_end_by_the_time_it_is_answered) {
  shard_bench bench(1, log_kind::later);
  bench.add_filter(0, 1, "a");
  bench.publish(0, {{"a", 1, ""}});
  bench.clear_inboxes();
  ask(bench, 0, any_number);
  bench.run();
  EXPECT_TRUE(bench.inboxes[0]->empty());
  EXPECT_EQ(view_of(bench.state).questions_waiting, 1U);
  EXPECT_FALSE(wants_turn(bench.state)) << "the log wakes the worker";
  // Delivered while the question is open: the answer ends before it and must not say that this was the end.
  bench.append(0, {{"a", 1, ""}});
  bench.later->commit();
  bench.later->answer_reads();
  bench.run();
  auto end = bench.all<link::read_end>(0);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0].to, link::offset{1});
  EXPECT_FALSE(end[0].at_end);
  bench.clear_inboxes();
  ask(bench, 1, any_number);
  bench.settle();
  end = bench.all<link::read_end>(0);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0].to, link::offset{2});
  EXPECT_TRUE(end[0].at_end);
  EXPECT_EQ(view_of(bench.state).questions_waiting, 0U);
}

TEST(on_read_later, never_reads_what_is_not_delivered) {
  shard_bench bench(1, log_kind::later);
  bench.add_filter(0, 1, "a");
  bench.append(0, {{"a", 1, ""}});
  bench.clear_inboxes();
  ask(bench, 0, any_number);
  ASSERT_EQ(bench.all<link::read_end>(0).size(), 1U);
  EXPECT_EQ(bench.all<link::read_end>(0)[0].to, link::offset{0});
  EXPECT_TRUE(bench.all<link::read_end>(0)[0].at_end);
}

TEST(on_read_later, more_than_a_turn_asks_again_for_wait_without_sleeping) {
  shard_bench bench(1, log_kind::later);
  bench.add_filter(0, 1, "a");
  bench.publish(0, {{"a", 1, ""}});
  bench.clear_inboxes();
  for (int n = 0; n < 200; ++n) ask(bench, 0, any_number);
  EXPECT_TRUE(wants_turn(bench.state));
  bench.settle();
  EXPECT_EQ(bench.all<link::read_end>(0).size(), 200U);
}

// A client that reads from the start while messages come, and is live from the end of an answer on, gets each message
// once: by the answers below that end, by the stream above it.
TEST(on_read_later, property_answers_and_stream_meet_without_a_gap) {
  tests::for_each_seed([](tests::dice& dice) {
    shard_bench bench(1, log_kind::later);
    for (std::uint32_t id = 0; id < 3; ++id) bench.add_filter(0, id, tests::random_filter(dice));
    std::vector<delivered> got;
    std::uint64_t at = 0;
    bool live = false;
    bool asked = false;
    const auto take = [&] {
      for (const auto& message : bench.inboxes[0]->messages) {
        std::vector<delivered> records;
        if (const auto* stream = std::get_if<link::stream_batch>(&message)) {
          bench.collect(0, *stream, records);
          if (!live) continue;
          for (const auto& record : records) {
            ASSERT_GE(record.place, at);
            got.push_back(record);
          }
        } else if (const auto* answer = std::get_if<link::read_batch>(&message)) {
          bench.collect(0, *answer, got);
        } else if (const auto* end = std::get_if<link::read_end>(&message)) {
          at = end->to.value;
          live = end->at_end;
          asked = false;
        }
      }
      bench.clear_inboxes();
    };
    for (int step = 0; step < 400; ++step) {
      if (step < 300 && !dice.one_in(3)) {
        std::vector<owned_message> messages(1 + dice.below(30), {tests::random_topic(dice), 1, "m"});
        bench.append(0, messages);
      }
      if (dice.one_in(2)) bench.later->commit();
      if (dice.one_in(2)) bench.later->answer_reads();
      if (step > 20 && !live && !asked) {
        asked = true;
        ask(bench, at, 1 + dice.below(100'000));
      }
      bench.run();
      take();
    }
    bench.settle();
    take();
    while (!live) {
      const auto before = at;
      ask(bench, at, any_number);
      bench.settle();
      take();
      ASSERT_GT(at, before);
    }
    EXPECT_EQ(got, bench.expected(0, 0));
  });
}

}  // namespace
}  // namespace headgate::broker::shard
