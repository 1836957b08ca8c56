// READs on a log that knows where the records of a topic stand, against the same READs answered by a scan.
#include "broker/log/segmented_log.hpp"
#include "tests/support/fake_disk.hpp"
#include "tests/unit/broker/shard/shard_bench.hpp"

namespace headgate::broker::shard {
namespace {

using tests::delivered;
using tests::owned_message;

constexpr base::client_ref reader{11, 22};
constexpr std::uint32_t any_number = 1U << 30;

struct no_waker final : base::waker {
  void wake() override {}
};
struct no_lines final : base::log_sink {
  void write(const base::log_line&) override {}
};

// A shard on a log in segments, on a fake disk.
class disk_bench {
 public:
  tests::fake_disk disk;
  tests::manual_background slow;

 private:
  no_waker waker_;
  base::mailbox letters_{waker_};
  no_lines lines_;
  std::unique_ptr<log::segmented_log> log_;

 public:
  std::unique_ptr<tests::shard_bench> bench;
  std::uint64_t now_ms = 1'000'000;

  explicit disk_bench(log::retention retention = {}) {
    auto directory = disk.open();
    auto recovered = log::recover(*directory, 1);
    const log::segmented_log_options options{
        .segment_bytes = 128 * 1024, .retention = retention, .read_bytes = 512 * 1024, .tail_bytes = 1};
    log_ = std::make_unique<log::segmented_log>(std::move(directory), std::move(*recovered), options,
                                                log::log_surroundings{slow, letters_, lines_, "0"});
    bench = std::make_unique<tests::shard_bench>(1, *log_);
    settle();
  }
  void settle() {
    do {
      slow.run_all();
      letters_.run_all();
    } while (letters_.has_letters());
  }
  void work_a_little(tests::dice& dice) {
    if (dice.one_in(2)) slow.run_one();
    if (dice.one_in(2)) letters_.run_all();
  }
  void publish(std::vector<owned_message> messages) {
    messages.front().qos = 1;
    bench->append(0, std::move(messages), ++now_ms);
    turn();
  }
  void turn() { bench->run(now_ms); }
  log::segmented_log& log() { return *log_; }
};

std::string topic_name(std::uint32_t number) {
  return (number % 5 == 0 ? "five/" : "other/") + std::to_string(number);
}

std::vector<owned_message> random_messages(tests::dice& dice, std::uint32_t topics) {
  std::vector<owned_message> messages;
  for (auto count = 1 + dice.below(20); count > 0; --count) {
    messages.push_back({topic_name(dice.below(topics)),
                        static_cast<std::uint8_t>(dice.below(3)),
                        std::string(dice.below(200), 'x'),
                        {},
                        dice.one_in(6)});
  }
  return messages;
}

void ask(disk_bench& house, const std::vector<std::uint32_t>& filters, std::uint64_t start, bool by_topic,
         std::uint32_t max_bytes, std::uint32_t places) {
  link::read_request request{.from = base::worker_id{0}, .client = reader, .start = link::offset{start}};
  request.places = places;
  request.max_bytes = max_bytes;
  std::vector<std::string_view> texts;
  for (const auto id : filters) texts.push_back(house.bench->filters[0].at(id));
  on_read(house.bench->state, request, filters, by_topic ? texts : std::vector<std::string_view>{},
          house.bench->inboxes);
}

// Takes an answer that has come; true when there was one.
bool take(disk_bench& house, std::vector<delivered>& records, link::read_end& end) {
  bool ended = false;
  for (const auto& message : house.bench->inboxes[0]->messages) {
    if (const auto* batch = std::get_if<link::read_batch>(&message)) house.bench->collect(0, *batch, records);
    if (const auto* one = std::get_if<link::read_end>(&message)) {
      end = *one;
      ended = true;
    }
  }
  house.bench->clear_inboxes();
  return ended;
}

// All from `start` on, READ after READ.
std::vector<delivered> read_all(disk_bench& house, const std::vector<std::uint32_t>& filters, std::uint64_t start,
                                bool by_topic, std::uint32_t max_bytes = any_number,
                                std::uint32_t places = any_number) {
  std::vector<delivered> records;
  house.bench->clear_inboxes();
  for (link::read_end end; !end.at_end;) {
    ask(house, filters, start, by_topic, max_bytes, places);
    for (int turns = 0; !take(house, records, end); ++turns) {
      EXPECT_LT(turns, 1000) << "never answered";
      if (turns == 1000) return records;
      house.settle();
      house.turn();
    }
    EXPECT_GT(end.to.value, start);
    if (end.to.value <= start) return records;
    start = end.to.value;
  }
  return records;
}

TEST(on_read_topics, property_like_a_scan) {
  tests::for_each_seed([](tests::dice& dice) {
    disk_bench house(log::retention{.bytes = 600 * 1024});
    const std::uint32_t topics = 300;
    std::vector<std::uint32_t> ids;
    for (std::uint32_t id = 0; id < 40; ++id) {
      const bool wildcard = id % 4 == 3;
      house.bench->add_filter(0, id, wildcard ? "five/+" : topic_name(dice.below(topics)));
    }
    while (house.log().start().value < 500) {
      house.publish(random_messages(dice, topics));
      if (dice.one_in(4)) house.settle();
      house.now_ms += 1000;
    }
    house.settle();
    for (int n = 0; n < 60; ++n) {
      house.disk.is_cold = dice.one_in(2);
      std::set<std::uint32_t> chosen{dice.below(40)};
      while (dice.one_in(2)) chosen.insert(dice.below(40));
      const std::vector<std::uint32_t> filters(chosen.begin(), chosen.end());
      const auto start = house.log().start().value + dice.below(house.log().end().value - house.log().start().value);
      const auto scanned = read_all(house, filters, start, false);
      const auto max_bytes = dice.one_in(2) ? dice.below(30'000) : any_number;
      const auto places = dice.one_in(2) ? 1 + dice.below(5) : any_number;
      ASSERT_EQ(read_all(house, filters, start, true, max_bytes, places), scanned) << "from " << start;
    }
  });
}

// A client that is behind while messages come: its answers, up to the one that says it is at the end, and the stream
// from there on have each message once.
TEST(on_read_topics, property_answers_and_stream_meet_without_a_gap) {
  tests::for_each_seed([](tests::dice& dice) {
    disk_bench house;
    const std::uint32_t topics = 200;
    for (std::uint32_t id = 0; id < 3; ++id) house.bench->add_filter(0, id, topic_name(dice.below(topics)));
    if (dice.one_in(2)) house.bench->add_filter(0, 3, "five/+");
    std::vector<std::uint32_t> filters;
    for (const auto& [id, text] : house.bench->filters[0]) filters.push_back(id);
    std::vector<delivered> got;
    std::uint64_t at = 0;
    bool live = false;
    bool asked = false;
    const auto take_all = [&] {
      for (const auto& message : house.bench->inboxes[0]->messages) {
        std::vector<delivered> records;
        if (const auto* stream = std::get_if<link::stream_batch>(&message)) {
          house.bench->collect(0, *stream, records);
          if (!live) continue;
          for (const auto& record : records) {
            ASSERT_GE(record.place, at);
            got.push_back(record);
          }
          at = stream->to.value;
        } else if (const auto* answer = std::get_if<link::read_batch>(&message)) {
          house.bench->collect(0, *answer, got);
        } else if (const auto* end = std::get_if<link::read_end>(&message)) {
          EXPECT_EQ(end->lost, 0U);
          at = end->to.value;
          live = end->at_end;
          asked = false;
        }
      }
      house.bench->clear_inboxes();
    };
    for (int step = 0; step < 2000; ++step) {
      house.disk.is_cold = dice.one_in(2);
      if (step < 1000) house.publish(random_messages(dice, topics));
      house.work_a_little(dice);
      if (step > 20 && !live && !asked) {
        asked = true;
        ask(house, filters, at, true, 1 + dice.below(100'000), 1 + dice.below(100));
      }
      house.now_ms += 100;
      house.turn();
      take_all();
      if (dice.one_in(50)) live = false;  // it fell behind again
    }
    house.settle();
    house.turn();
    take_all();
    if (!live) {
      const auto rest = read_all(house, filters, at, true);
      got.insert(got.end(), rest.begin(), rest.end());
    }
    std::vector<delivered> whole = read_all(house, filters, 0, false);
    // What went out live at QoS 0 is in the stream alone.
    std::set<std::string> logged;
    for (const auto& one : house.bench->published) {
      if (one.message.qos > 0) logged.insert(one.message.payload);
    }
    std::erase_if(got, [&](const delivered& one) { return !logged.contains(one.payload); });
    ASSERT_GT(whole.size(), 20U);
    EXPECT_EQ(got, whole);
  });
}

TEST(on_read_topics, reads_the_records_of_a_topic_and_no_others) {
  tests::dice dice(1);
  disk_bench house;
  house.bench->add_filter(0, 1, "rare");
  for (int n = 0; n < 2000; ++n) {
    auto messages = random_messages(dice, 1000);
    if (n % 200 == 100) messages.push_back({"rare", 1, ""});
    house.publish(std::move(messages));
    house.settle();
    house.now_ms += 1000;
  }
  ASSERT_GT(house.log().view().segments, 10U);
  const auto before = house.bench->state.counters.read_records;
  EXPECT_EQ(read_all(house, {1}, 0, true).size(), 10U);
  EXPECT_EQ(house.bench->state.counters.read_records - before, 10U);
  EXPECT_EQ(house.bench->state.counters.read_by_topic, 10U);
  EXPECT_EQ(house.bench->state.counters.read_scans, 0U);
}

// Also the first and the last record of each segment, and of each batch: every record is somebody's.
TEST(on_read_topics, each_record_is_read_for_its_topic) {
  tests::dice dice(3);
  disk_bench house;
  const std::uint32_t topics = 200;
  for (std::uint32_t id = 0; id < topics; ++id) house.bench->add_filter(0, id, topic_name(id));
  while (house.log().view().segments < 8) {
    house.publish(random_messages(dice, topics));
    house.settle();
    house.now_ms += 1000;
  }
  for (std::uint32_t id = 0; id < topics; ++id) {
    ASSERT_EQ(read_all(house, {id}, 0, true), read_all(house, {id}, 0, false)) << topic_name(id);
  }
}

// Topics that share a hash are told apart by the shard.
TEST(on_read_topics, another_topic_of_the_same_hash_is_not_delivered) {
  tests::dice dice(2);
  disk_bench house;
  house.bench->add_filter(0, 1, "mine");
  const auto hash = base::hash_of("mine");
  for (int n = 0; n < 300; ++n) {
    auto messages = random_messages(dice, 300);
    if (n % 30 == 0) messages.push_back({"mine", 1, ""});
    if (n % 30 == 15) messages.push_back({.topic = "not mine", .qos = 1, .payload = "", .topic_hash = hash});
    house.publish(std::move(messages));
    house.settle();
    house.now_ms += 1000;
  }
  const auto found = read_all(house, {1}, 0, true);
  EXPECT_EQ(found.size(), 10U);
  EXPECT_EQ(found, read_all(house, {1}, 0, false));
}

}  // namespace
}  // namespace headgate::broker::shard
