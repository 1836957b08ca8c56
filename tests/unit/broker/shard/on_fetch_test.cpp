#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::log_kind;
using tests::owned_message;
using tests::shard_bench;

constexpr base::client_ref client{3, 4};

class on_fetch : public ::testing::TestWithParam<log_kind> {
 protected:
  struct answer {
    std::vector<std::string> payloads;
    std::vector<std::uint64_t> places;
    std::vector<std::uint64_t> timestamps_ms;
  };

  static answer fetch(shard_bench& bench, const std::vector<std::uint64_t>& places) {
    bench.clear_inboxes();
    {
      std::vector<record::offset> wanted;
      for (const auto place : places) wanted.emplace_back(place);
      shard::on_fetch(bench.state, {base::worker_id{0}, client, 0, 0}, wanted, bench.inboxes);
    }
    bench.settle();
    answer found;
    const auto& inbox = *bench.inboxes[0];
    for (const auto& message : inbox.messages) {
      if (const auto* batch = std::get_if<link::fetch_batch>(&message)) {
        EXPECT_EQ(batch->client, client);
        EXPECT_EQ(batch->shard, base::shard_id{4});
        for (std::uint32_t n = 0; n < batch->entry_count; ++n) {
          const auto& entry = inbox.entries.at(batch->first_entry + n);
          EXPECT_EQ(entry.id_count, 0U);
          found.places.push_back(entry.place.value);
          found.payloads.push_back(tests::payload_of(*entry.record));
          found.timestamps_ms.push_back(batch->timestamp_ms);
        }
      }
    }
    EXPECT_EQ(bench.all<link::fetch_end>(0).size(), 1U);
    EXPECT_TRUE(std::holds_alternative<link::fetch_end>(inbox.messages.back()));
    return found;
  }
};

INSTANTIATE_TEST_SUITE_P(logs, on_fetch, ::testing::Values(log_kind::now, log_kind::later),
                         ::testing::PrintToStringParamName());

TEST_P(on_fetch, gives_the_records_asked_for_whoever_wants_them) {
  shard_bench bench(1, GetParam());
  bench.publish(0, {{"a", 1, ""}, {"b", 0, ""}, {"c", 2, ""}, {"d", 1, ""}}, 1000);
  bench.publish(0, {{"e", 1, ""}}, 2000);
  bench.publish(0, {{"f", 1, ""}}, 3000);
  const auto found = fetch(bench, {0, 2, 4});
  EXPECT_EQ(found.payloads, (std::vector<std::string>{"#0", "#3", "#5"}));
  EXPECT_EQ(found.places, (std::vector<std::uint64_t>{0, 2, 4}));
  EXPECT_EQ(found.timestamps_ms, (std::vector<std::uint64_t>{1000, 1000, 3000}));
  EXPECT_EQ(view_of(bench.state).fetches, 1U);
}

TEST_P(on_fetch, what_is_not_in_the_log_does_not_come) {
  shard_bench bench(1, GetParam(), 1000);
  for (int n = 0; n < 10; ++n) bench.publish(0, {{"a", 1, std::string(400, 'x')}});
  const auto start = bench.log.start().value;
  ASSERT_GT(start, 0U);
  EXPECT_TRUE(fetch(bench, {}).places.empty());
  EXPECT_TRUE(fetch(bench, {0, start - 1}).places.empty());
  EXPECT_EQ(fetch(bench, {0, start, 9, 10, 55}).places,
            (start == 9 ? std::vector<std::uint64_t>{9} : std::vector<std::uint64_t>{start, 9}));
}

TEST_P(on_fetch, property_any_places_of_any_batches) {
  tests::for_each_seed([](tests::dice& dice) {
    shard_bench bench(1, GetParam());
    for (int step = 0; step < 30; ++step) {
      std::vector<owned_message> messages;
      for (auto count = 1 + dice.below(20); count > 0; --count) {
        messages.push_back({"t", static_cast<std::uint8_t>(dice.below(3)), "m"});
      }
      bench.publish(0, messages);
    }
    std::map<std::uint64_t, std::string> logged;
    for (const auto& published : bench.published) {
      if (published.message.has_offset()) logged[published.place] = published.message.payload;
    }
    for (int step = 0; step < 20; ++step) {
      std::vector<std::uint64_t> places;
      std::vector<std::string> expected;
      for (const auto& [place, payload] : logged) {
        if (!dice.one_in(10)) continue;
        places.push_back(place);
        expected.push_back(payload);
      }
      const auto found = fetch(bench, places);
      ASSERT_EQ(found.places, places);
      ASSERT_EQ(found.payloads, expected);
    }
  });
}

}  // namespace
}  // namespace headgate::broker::shard
