#include "proxy/session/inflight.hpp"

#include <deque>

#include "tests/unit/property.hpp"

namespace headgate::proxy::session {
namespace {

// Whether there was such a message.
bool acknowledge(inflight_ring& ring, inflight_pool& pool, std::uint16_t packet_id) {
  if (ring.find(packet_id) == nullptr) return false;
  ring.finish(pool, packet_id);
  return true;
}

// The naive model: the messages in sending order, each with its id; an id is free again when its message and all older
// ones are acknowledged.
class model_ring {
 public:
  std::uint16_t push() {
    const auto id = next_;
    next_ = next_ == 65'535 ? std::uint16_t{1} : static_cast<std::uint16_t>(next_ + 1);
    sent_.push_back({id, false});
    return id;
  }
  bool acknowledge(std::uint16_t id) {
    for (auto& message : sent_) {
      if (message.id != id || message.acknowledged) continue;
      message.acknowledged = true;
      while (!sent_.empty() && sent_.front().acknowledged) sent_.pop_front();
      return true;
    }
    return false;
  }
  bool holds(std::uint16_t id) const {
    for (const auto& message : sent_) {
      if (message.id == id) return true;
    }
    return false;
  }
  void clear() { sent_.clear(); }
  void leap() { next_ = static_cast<std::uint16_t>(1 + (next_ - 1 + 32'768) % 65'535); }
  std::size_t count() const { return sent_.size(); }
  std::uint16_t id_at(std::size_t place) const { return sent_[place].id; }

 private:
  struct message {
    std::uint16_t id = 0;
    bool acknowledged = false;
  };
  std::deque<message> sent_;
  std::uint16_t next_ = 1;
};

// Sends and acknowledges `count` messages one by one, so that the next id is `count` further.
void pass(inflight_ring& ring, inflight_pool& pool, model_ring& model, std::uint32_t count) {
  for (; count > 0; --count) {
    const auto id = ring.push(pool, {});
    ASSERT_EQ(id, model.push());
    ASSERT_TRUE(acknowledge(ring, pool, id));
    ASSERT_TRUE(model.acknowledge(id));
  }
}

TEST(inflight_ring, ids_from_1_to_65535_and_round) {
  inflight_pool pool;
  inflight_ring ring;
  EXPECT_EQ(ring.push(pool, {}), 1);
  EXPECT_EQ(ring.push(pool, {}), 2);
  EXPECT_TRUE(acknowledge(ring, pool, 1));
  EXPECT_TRUE(acknowledge(ring, pool, 2));
  for (std::uint32_t id = 3; id <= 65'535; ++id) {
    ASSERT_EQ(ring.push(pool, {}), id);
    ASSERT_TRUE(acknowledge(ring, pool, static_cast<std::uint16_t>(id)));
  }
  EXPECT_EQ(ring.push(pool, {}), 1);
  ring.clear(pool);
}

TEST(inflight_ring, unknown_and_repeated_acknowledgements) {
  inflight_pool pool;
  inflight_ring ring;
  EXPECT_FALSE(acknowledge(ring, pool, 1));
  for (int n = 0; n < 3; ++n) ring.push(pool, {});
  EXPECT_FALSE(acknowledge(ring, pool, 0));
  EXPECT_FALSE(acknowledge(ring, pool, 4));
  EXPECT_FALSE(acknowledge(ring, pool, 65'535));
  EXPECT_TRUE(acknowledge(ring, pool, 2));
  EXPECT_FALSE(acknowledge(ring, pool, 2));
  EXPECT_EQ(ring.count(), 3);
  EXPECT_TRUE(acknowledge(ring, pool, 1));
  EXPECT_EQ(ring.count(), 1);
  EXPECT_FALSE(acknowledge(ring, pool, 1));
  EXPECT_TRUE(acknowledge(ring, pool, 3));
  EXPECT_TRUE(ring.empty());
}

TEST(inflight_ring, the_most_that_fit_round_the_end_of_the_ids) {
  inflight_pool pool;
  inflight_ring ring;
  model_ring model;
  pass(ring, pool, model, 50'000);
  for (int n = 0; n < 32'768; ++n) ASSERT_EQ(ring.push(pool, {}), model.push());
  EXPECT_FALSE(acknowledge(ring, pool, 50'000));
  EXPECT_FALSE(acknowledge(ring, pool, 17'234));
  // The newest first: nothing is free before the oldest.
  for (std::uint32_t n = 32'767; n > 0; --n) {
    ASSERT_TRUE(acknowledge(ring, pool, static_cast<std::uint16_t>((50'000 + n) % 65'535 + 1)));
  }
  EXPECT_EQ(ring.count(), 32'768);
  EXPECT_TRUE(acknowledge(ring, pool, 50'001));
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.push(pool, {}), (50'000 + 32'768) % 65'535 + 1);
  ring.clear(pool);
}

TEST(inflight_ring, property_like_a_list_of_what_was_sent) {
  tests::for_each_seed([](tests::dice& dice) {
    inflight_pool pool;
    inflight_ring ring;
    model_ring model;
    // Begins somewhere, mostly so that the ids come round under way.
    ASSERT_NO_FATAL_FAILURE(pass(ring, pool, model, 65'000 + dice.below(600)));
    for (int step = 0; step < 20'000; ++step) {
      const bool fills = step / 1000 % 2 == 0;
      const auto choice = dice.below(100);
      if (choice < (fills ? 60U : 30U) && model.count() < 700) {
        const auto id = ring.push(pool, {});
        ASSERT_FALSE(model.holds(id)) << "in use twice";
        ASSERT_EQ(id, model.push());
      } else if (choice < 97 && model.count() > 0) {
        // Mostly one of the oldest; among them those acknowledged before.
        const auto id = model.id_at(dice.one_in(4) ? dice.below(model.count()) : 0);
        ASSERT_EQ(acknowledge(ring, pool, id), model.acknowledge(id));
      } else if (choice < 98) {
        const auto id = static_cast<std::uint16_t>(dice.bits());
        ASSERT_EQ(acknowledge(ring, pool, id), model.acknowledge(id));
      } else if (choice < 99 && !ring.before_leap()) {
        ring.leap_ahead();
        model.leap();
      } else if (dice.one_in(10)) {
        ring.clear(pool);
        model.clear();
      }
      ASSERT_EQ(ring.count(), model.count());
      ASSERT_EQ(ring.empty(), model.count() == 0);
      if (!dice.one_in(50)) continue;
      std::size_t place = 0;
      ring.for_each([&](const inflight_slot&, std::uint16_t id) { ASSERT_EQ(id, model.id_at(place++)); });
    }
    ring.clear(pool);
  });
}

TEST(inflight_ring, leap_is_over_when_what_was_sent_before_it_is_acknowledged) {
  inflight_pool pool;
  inflight_ring ring;
  EXPECT_EQ(ring.push(pool, {}), 1);
  EXPECT_EQ(ring.push(pool, {}), 2);
  ring.leap_ahead();
  EXPECT_EQ(ring.before_leap(), 2);
  EXPECT_EQ(ring.push(pool, {}), 3 + 32'768);
  EXPECT_EQ(ring.push(pool, {}), 4 + 32'768);
  EXPECT_EQ(ring.before_leap(), 2);
  EXPECT_FALSE(acknowledge(ring, pool, 3));
  EXPECT_FALSE(acknowledge(ring, pool, 4));
  EXPECT_TRUE(acknowledge(ring, pool, 4 + 32'768));
  EXPECT_TRUE(acknowledge(ring, pool, 1));
  EXPECT_EQ(ring.before_leap(), 1);
  EXPECT_EQ(ring.first_packet_id(), 2);
  EXPECT_TRUE(acknowledge(ring, pool, 2));
  EXPECT_EQ(ring.before_leap(), std::nullopt);
  EXPECT_EQ(ring.first_packet_id(), 3 + 32'768);
  EXPECT_TRUE(acknowledge(ring, pool, 3 + 32'768));
  EXPECT_EQ(ring.push(pool, {}), 5 + 32'768);
  ring.clear(pool);
}

TEST(inflight_ring, leap_with_nothing_in_flight_is_over_at_once) {
  inflight_pool pool;
  inflight_ring ring;
  ring.restart(pool, 40'000);
  ring.leap_ahead();
  EXPECT_EQ(ring.before_leap(), std::nullopt);
  EXPECT_EQ(ring.push(pool, {}), 40'000 + 32'768 - 65'535);
  ring.leap_ahead();
  ring.clear(pool);
  EXPECT_EQ(ring.push(pool, {}), 40'001 + 32'768 - 65'535 + 32'768);
  ring.clear(pool);
}

TEST(inflight_pool, lends_again_what_was_given_back) {
  inflight_pool pool;
  auto* first = pool.take(4);
  auto* second = pool.take(4);
  auto* larger = pool.take(5);
  pool.give_back(first, 4);
  pool.give_back(larger, 5);
  EXPECT_EQ(pool.take(5), larger);
  EXPECT_EQ(pool.take(4), first);
  pool.give_back(first, 4);
  pool.give_back(second, 4);
  pool.give_back(larger, 5);
}

TEST(inflight_ring_death, more_than_half_the_ids_is_our_bug) {
  inflight_pool pool;
  inflight_ring ring;
  for (int n = 0; n < 32'768; ++n) ring.push(pool, {});
  EXPECT_DEATH(ring.push(pool, {}), "assertion failed");
  ring.clear(pool);
}

}  // namespace
}  // namespace headgate::proxy::session
