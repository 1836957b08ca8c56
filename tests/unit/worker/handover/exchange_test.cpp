#include "worker/handover/exchange.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate::worker::handover {
namespace {

using base::worker_id;
using session_store::takeover_answer;

class counting_waker final : public base::waker {
 public:
  void wake() override { ++calls; }
  int calls = 0;
};

// Workers that one thread plays.
struct workers {
  explicit workers(std::size_t count) : wakers(count) {
    std::vector<base::waker*> pointers;
    for (auto& waker : wakers) pointers.push_back(&waker);
    between.emplace(pointers);
  }
  // Puts one number into the open parcel.
  void put(std::uint16_t from, std::uint16_t to, std::uint32_t number) {
    between->open(worker_id{from}, worker_id{to}).answers.push_back({worker_id{to}, number});
  }
  bool send(std::uint16_t from, std::uint16_t to) { return between->send(worker_id{from}, worker_id{to}); }
  // Every number that comes, with what came in one parcel as one list.
  std::vector<std::vector<std::uint32_t>> receive(std::uint16_t self) {
    std::vector<std::vector<std::uint32_t>> all;
    between->receive(worker_id{self}, [&](worker_id, parcel& parcel) {
      auto& numbers = all.emplace_back();
      for (const auto& answer : parcel.answers) numbers.push_back(answer.request);
    });
    return all;
  }
  std::size_t backlog(std::uint16_t from) const { return between->backlog(worker_id{from}); }

  std::vector<counting_waker> wakers;
  std::optional<exchange> between;
};

using numbers = std::vector<std::vector<std::uint32_t>>;

TEST(exchange, parcels_come_whole_and_in_order) {
  workers all(2);
  all.put(0, 1, 1);
  all.put(0, 1, 2);
  EXPECT_EQ(all.receive(1), numbers{}) << "not sent yet";
  EXPECT_TRUE(all.send(0, 1));
  all.put(0, 1, 3);
  EXPECT_TRUE(all.send(0, 1));
  EXPECT_EQ(all.receive(1), (numbers{{1, 2}, {3}}));
  EXPECT_EQ(all.receive(1), numbers{}) << "once";
  EXPECT_EQ(all.receive(0), numbers{}) << "to nobody else";
}

TEST(exchange, each_pair_and_direction_is_its_own) {
  workers all(3);
  for (std::uint16_t from = 0; from < 3; ++from) {
    for (std::uint16_t to = 0; to < 3; ++to) {
      if (from != to) all.put(from, to, from * 10U + to);
    }
    EXPECT_TRUE(all.between->send_all(worker_id{from}));
  }
  EXPECT_EQ(all.receive(0), (numbers{{10}, {20}}));
  EXPECT_EQ(all.receive(1), (numbers{{1}, {21}}));
  EXPECT_EQ(all.receive(2), (numbers{{2}, {12}}));
}

TEST(exchange, who_sent_it_is_said) {
  workers all(max_workers);
  all.put(63, 0, 7);
  all.send(63, 0);
  int visits = 0;
  EXPECT_EQ(all.between->receive(worker_id{0},
                                 [&](worker_id from, parcel&) {
                                   ++visits;
                                   EXPECT_EQ(from.value, 63);
                                 }),
            1U);
  EXPECT_EQ(visits, 1);
}

TEST(exchange, an_empty_parcel_is_not_sent) {
  workers all(2);
  EXPECT_TRUE(all.send(0, 1));
  (void)all.between->open(worker_id{0}, worker_id{1});
  EXPECT_TRUE(all.send(0, 1));
  EXPECT_EQ(all.receive(1), numbers{});
}

TEST(exchange, a_full_ring_keeps_the_parcel_open_until_there_is_room) {
  workers all(3);
  for (std::uint32_t n = 0; n < parcels_under_way; ++n) {
    all.put(0, 1, n);
    EXPECT_TRUE(all.send(0, 1));
  }
  EXPECT_EQ(all.backlog(0), 0U);
  for (std::uint32_t n : {1000U, 1001U}) {
    all.put(0, 1, n);
    EXPECT_FALSE(all.send(0, 1));
    EXPECT_EQ(all.backlog(0), 1U);
  }
  all.put(0, 2, 5);
  EXPECT_FALSE(all.between->send_all(worker_id{0})) << "one lane is full, the other is not";
  EXPECT_EQ(all.receive(2), numbers{{5}});

  EXPECT_EQ(all.receive(1).size(), parcels_under_way);
  EXPECT_TRUE(all.between->send_all(worker_id{0}));
  EXPECT_EQ(all.backlog(0), 0U);
  EXPECT_EQ(all.receive(1), (numbers{{1000, 1001}}));
}

TEST(exchange, a_visitor_may_send) {
  workers all(2);
  all.put(0, 1, 1);
  all.send(0, 1);
  all.between->receive(worker_id{1}, [&](worker_id, parcel& parcel) {
    all.put(1, 0, parcel.answers.front().request + 1);
    all.send(1, 0);
  });
  EXPECT_EQ(all.receive(0), numbers{{2}});
}

TEST(exchange, one_call_wakes_a_sleeper_and_none_one_that_is_awake) {
  workers all(3);
  all.put(0, 1, 1);
  all.send(0, 1);
  EXPECT_EQ(all.wakers[1].calls, 0) << "it was awake";
  EXPECT_FALSE(all.between->may_sleep(worker_id{1})) << "something is there";
  all.between->woke_up(worker_id{1});
  all.receive(1);

  EXPECT_TRUE(all.between->may_sleep(worker_id{1}));
  for (const std::uint16_t from : std::vector<std::uint16_t>{0, 2}) {
    all.put(from, 1, 2);
    all.send(from, 1);
  }
  EXPECT_EQ(all.wakers[1].calls, 1);
  all.between->woke_up(worker_id{1});
  EXPECT_EQ(all.receive(1), (numbers{{2}, {2}}));
  EXPECT_TRUE(all.between->may_sleep(worker_id{1}));
}

TEST(exchange, a_sender_that_sleeps_with_a_full_ring_is_woken_when_there_is_room) {
  workers all(2);
  for (std::uint32_t n = 0; n <= parcels_under_way; ++n) {
    all.put(0, 1, n);
    all.send(0, 1);
  }
  ASSERT_EQ(all.backlog(0), 1U);
  ASSERT_TRUE(all.between->may_sleep(worker_id{0}));
  all.receive(1);
  EXPECT_EQ(all.wakers[0].calls, 1);
  all.between->woke_up(worker_id{0});
  EXPECT_EQ(all.receive(0), numbers{});
  EXPECT_TRUE(all.between->send_all(worker_id{0}));
  EXPECT_EQ(all.receive(1), numbers{{parcels_under_way}});
  EXPECT_EQ(all.wakers[0].calls, 1);
}

TEST(exchange, a_sender_learns_of_room_also_when_it_was_about_to_sleep) {
  workers all(2);
  for (std::uint32_t n = 0; n <= parcels_under_way; ++n) {
    all.put(0, 1, n);
    all.send(0, 1);
  }
  all.receive(1);
  EXPECT_FALSE(all.between->may_sleep(worker_id{0}));
}

TEST(exchange, parcels_come_back_with_their_capacity) {
  workers all(2);
  const parcel* first = nullptr;
  for (int turn = 0; turn < 1000; ++turn) {
    auto& open = all.between->open(worker_id{0}, worker_id{1});
    if (first == nullptr) first = &open;
    ASSERT_EQ(&open, first);
    ASSERT_TRUE(open.empty());
    if (turn > 0) {
      ASSERT_GE(open.answers.capacity(), 100U);
      ASSERT_GE(open.shard_parts.front().inbox.messages.capacity(), 3U);
    }
    open.answers.resize(100);
    open.shard(base::shard_id{4}).messages.resize(3);
    all.send(0, 1);
    ASSERT_EQ(all.receive(1).size(), 1U);
  }
}

TEST(exchange, what_was_not_received_is_released_with_it) {
  const auto memory = broker::record::block_ref::make(64);
  {
    workers all(2);
    all.between->open(worker_id{0}, worker_id{1}).inbox.keep({memory, 0});
    all.between->open(worker_id{0}, worker_id{1}).inbox.messages.resize(1);
    all.send(0, 1);
    all.between->open(worker_id{1}, worker_id{0}).inbox.keep({memory, 0});
    EXPECT_EQ(memory->references.load(), 3U);
  }
  EXPECT_EQ(memory->references.load(), 1U);
}

TEST(exchange, the_receiver_releases_a_batch_as_soon_as_it_has_visited) {
  workers all(2);
  const auto memory = broker::record::block_ref::make(64);
  auto& open = all.between->open(worker_id{0}, worker_id{1});
  open.shard(base::shard_id{1}).messages.emplace_back(broker::link::publish_batch{worker_id{0}, {memory, 0}});
  all.send(0, 1);
  all.between->receive(worker_id{1}, [&](worker_id, parcel& parcel) {
    ASSERT_EQ(parcel.shards().size(), 1U);
    EXPECT_EQ(parcel.shards().front().shard.value, 1);
    EXPECT_EQ(memory->references.load(), 2U);
  });
  EXPECT_EQ(memory->references.load(), 1U);
}

TEST(parcel, has_one_inbox_a_shard) {
  parcel parcel;
  EXPECT_TRUE(parcel.empty());
  parcel.shard(base::shard_id{7}).filters.push_back(1);
  parcel.shard(base::shard_id{2}).filters.push_back(2);
  parcel.shard(base::shard_id{7}).filters.push_back(3);
  ASSERT_EQ(parcel.shards().size(), 2U);
  EXPECT_EQ(parcel.shards()[0].shard.value, 7);
  EXPECT_EQ(parcel.shards()[0].inbox.filters, (std::vector<std::uint32_t>{1, 3}));
  EXPECT_EQ(parcel.shards()[1].inbox.filters, (std::vector<std::uint32_t>{2}));
  EXPECT_FALSE(parcel.empty());
  parcel.clear();
  EXPECT_TRUE(parcel.empty());
  EXPECT_TRUE(parcel.shard(base::shard_id{9}).filters.empty());
  EXPECT_EQ(parcel.shards()[0].shard.value, 9);
}

}  // namespace
}  // namespace headgate::worker::handover
