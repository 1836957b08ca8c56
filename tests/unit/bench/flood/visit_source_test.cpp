#include "tests/bench/flood/visit_source.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "mqtt/subscribe.hpp"

namespace headgate::bench::flood {
namespace {

constexpr int times = 2'000;

// Of the packets at the start of `bytes`: whether all are whole and each is what it has to be.
bool is_good(std::string_view bytes, mqtt::version& version) {
  while (!bytes.empty()) {
    const auto found = mqtt::next_frame(base::as_bytes(bytes), 1 << 20, version);
    if (found.what != mqtt::frame_outcome::kind::complete) return false;
    bytes.remove_prefix(found.size);
    if (found.packet.type == mqtt::packet_type::connect) {
      const auto connect = mqtt::decode_connect(found.packet);
      if (!connect) return false;
      version = connect->version;
    } else if (found.packet.type == mqtt::packet_type::publish) {
      if (!mqtt::decode_publish(found.packet, version)) return false;
    } else if (found.packet.type == mqtt::packet_type::subscribe) {
      if (!mqtt::decode_subscribe(found.packet, version)) return false;
    }
  }
  return true;
}

TEST(visit_source, nothing_malformed_is_good) {
  visit_source source(7);
  for (std::size_t kind = 1; kind < kinds; ++kind) {
    for (int n = 0; n < times; ++n) {
      const auto made = source.malformed(static_cast<flood::kind>(kind));
      auto version = mqtt::version::v3_1_1;
      if (made.expected == ending::closed_when_in) {
        const auto connect = mqtt::next_frame(base::as_bytes(made.first), 1 << 20);
        ASSERT_TRUE(is_good(std::string_view(made.first).substr(0, connect.size), version)) << name_of(made.what);
        EXPECT_FALSE(is_good(std::string_view(made.first + made.then).substr(connect.size), version))
            << name_of(made.what);
      } else if (made.what == kind::publish_first) {
        EXPECT_FALSE(made.first.starts_with('\x10'));
      } else {
        EXPECT_FALSE(is_good(made.first, version)) << name_of(made.what);
      }
    }
  }
}

TEST(visit_source, the_seed_decides_what_is_sent) {
  visit_source one(1);
  visit_source same(1);
  visit_source other(2);
  bool differs = false;
  for (int n = 0; n < times; ++n) {
    const auto made = one.malformed();
    const auto again = same.malformed();
    EXPECT_EQ(made.what, again.what);
    EXPECT_EQ(made.first, again.first);
    EXPECT_EQ(made.then, again.then);
    differs |= made.first != other.malformed().first;
  }
  EXPECT_TRUE(differs);
}

TEST(visit_source, all_kinds_come_about_as_often) {
  visit_source source(3);
  std::array<int, kinds> seen{};
  for (int n = 0; n < 12 * times; ++n) ++seen[static_cast<std::size_t>(source.malformed().what)];
  EXPECT_EQ(0, seen[0]);
  for (std::size_t kind = 1; kind < kinds; ++kind) EXPECT_NEAR(times, seen[kind], times / 5.0);
}

TEST(visit_source, valid_ones_are_good_have_ids_of_their_own_and_as_many_bytes) {
  visit_source hostile(5);
  visit_source source(5);
  std::set<std::string> ids;
  std::int64_t more = 0;
  for (int n = 0; n < times; ++n) {
    const auto made = source.valid();
    auto version = mqtt::version::v5;
    ASSERT_TRUE(is_good(made.first, version));
    ids.insert(made.first);
    more += static_cast<std::int64_t>(made.size()) - static_cast<std::int64_t>(hostile.malformed().size());
    EXPECT_LT(std::abs(more), 1'000);
  }
  EXPECT_EQ(times, static_cast<int>(ids.size()));
}

TEST(visit, a_server_does_right_when_it_keeps_out_and_wrong_when_it_does_not_answer) {
  EXPECT_TRUE(is_right(ending::kept_out, outcome::refused));
  EXPECT_TRUE(is_right(ending::kept_out, outcome::closed));
  EXPECT_FALSE(is_right(ending::kept_out, outcome::accepted));
  EXPECT_FALSE(is_right(ending::closed_when_in, outcome::refused));
  EXPECT_FALSE(is_right(ending::completed, outcome::closed));
  for (const auto expected :
       {ending::completed, ending::kept_out, ending::closed_when_in, ending::left, ending::closed_or_waited}) {
    EXPECT_FALSE(is_right(expected, outcome::timed_out));
    EXPECT_FALSE(is_right(expected, outcome::connect_failed));
  }
}

}  // namespace
}  // namespace headgate::bench::flood
