#include "shard-router/shard_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "shard-router/changes.hpp"
#include "shard-router/move_slots.hpp"
#include "shard-router/shares.hpp"
#include "tests/unit/property.hpp"

namespace headgate::shard_router {
namespace {

using tests::dice;

cluster any_cluster(dice& dice, const std::string& name, std::uint32_t weights) {
  return {name, 1 + dice.below(weights), 1 + dice.below(8)};
}

std::vector<cluster> any_clusters(dice& dice, std::size_t count, std::uint32_t weights) {
  std::vector<cluster> clusters;
  for (std::size_t i = 0; i < count; ++i) clusters.push_back(any_cluster(dice, "c" + std::to_string(i), weights));
  return clusters;
}

std::int64_t weight_of(const shard_map& map) {
  std::int64_t sum = 0;
  for (const auto& cluster : map.clusters()) sum += cluster.weight;
  return sum;
}

// slots − exact share, in slots ÷ weight_of(map), so that it is exact.
std::int64_t surplus_of(const shard_map& map, std::size_t at) {
  const std::int64_t slots = count_slots(map.owners(), map.clusters().size())[at];
  return slots * weight_of(map) - std::int64_t{slot_count} * map.clusters()[at].weight;
}

bool has_its_share(const shard_map& map, std::size_t at) {
  return std::abs(surplus_of(map, at)) < weight_of(map);
}

void expect_shares(const shard_map& map) {
  for (std::size_t at = 0; at < map.clusters().size(); ++at) {
    EXPECT_TRUE(has_its_share(map, at)) << map.clusters()[at].name << " of " << map.clusters().size();
  }
}

std::size_t place_of(const shard_map& map, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(map.clusters(), name, &cluster::name) - map.clusters().begin());
}

std::int64_t slots_of(const shard_map& map, std::string_view name) {
  const auto place = place_of(map, name);
  return place == map.clusters().size() ? 0 : count_slots(map.owners(), map.clusters().size())[place];
}

// Whether any map has ±1 for all that comes from `before` by moves in which `name` alone receives (or gives). A naive
// look at the bounds: each has a least and a most number of slots, and all together have to make slot_count.
bool shares_in_reach(const shard_map& before, const shard_map& after, std::string_view name, direction direction) {
  std::int64_t least_sum = 0;
  std::int64_t most_sum = 0;
  for (const auto& cluster : after.clusters()) {
    const auto exact = std::int64_t{slot_count} * cluster.weight;
    auto least = exact / weight_of(after);
    auto most = (exact + weight_of(after) - 1) / weight_of(after);
    const auto slots = slots_of(before, cluster.name);
    if ((cluster.name == name) == (direction == direction::receives))
      least = std::max(least, slots);
    else
      most = std::min(most, slots);
    if (least > most) return false;
    least_sum += least;
    most_sum += most;
  }
  return least_sum <= slot_count && slot_count <= most_sum;
}

// Only `name` receives (gives), it has its share, and all have if that can be.
void expect_change(const shard_map& before, const shard_map& after, const std::string& name, direction direction) {
  EXPECT_EQ(after.version(), before.version() + 1);
  for (std::uint16_t i = 0; i < slot_count; ++i) {
    const auto& from = before.cluster_of(slot{i}).name;
    const auto& to = after.cluster_of(slot{i}).name;
    if (from != to && (direction == direction::receives ? to : from) != name) FAIL() << "slot " << i;
  }
  const auto at = place_of(after, name);
  if (at < after.clusters().size()) {
    EXPECT_TRUE(has_its_share(after, at)) << name;
  }
  if (shares_in_reach(before, after, name, direction)) expect_shares(after);
}

TEST(shard_map, has_one_shard_for_all_unless_it_is_made_otherwise) {
  const shard_map map;
  EXPECT_EQ(map.version(), 0U);
  EXPECT_EQ(map.shard_count(), 1U);
  EXPECT_EQ(map.clusters().size(), 1U);
  for (std::uint16_t i = 0; i < slot_count; ++i) ASSERT_EQ(map.shard_of(slot{i}), base::shard_id{0});
  EXPECT_EQ(map.cluster_of(slot{7}), (cluster{"main", 1, 1}));
  const auto made = make_shard_map({{"main", 1, 1}});
  EXPECT_EQ(made->owners(), map.owners());
  EXPECT_EQ(made->version(), 1U);
}

TEST(shard_map, numbers_shards_cluster_by_cluster_in_the_order_of_names) {
  const auto map = make_shard_map({{"b", 1, 2}, {"a", 2, 3}, {"B", 1, 4}});
  ASSERT_TRUE(map);
  EXPECT_EQ(map->clusters()[0].name, "B");
  EXPECT_EQ(map->clusters()[2].name, "b");
  EXPECT_EQ(map->shard_count(), 9U);
  EXPECT_EQ(map->first_shard_of(1), 4U);
  EXPECT_EQ(map->first_shard_of(2), 7U);
  for (std::uint16_t i = 0; i < slot_count; ++i) {
    const auto owner = map->owners()[i];
    const auto inside = shard_in_cluster(slot{i}, map->clusters()[owner].shards);
    ASSERT_EQ(map->shard_of(slot{i}).value, map->first_shard_of(owner) + inside);
  }
}

TEST(shard_map, the_first_gives_each_cluster_its_share) {
  tests::for_each_seed([](dice& dice) {
    for (const std::size_t count : {1, 2, 9}) {
      for (const std::uint32_t weights : {1U, 5U, max_weight}) {
        const auto map = make_shard_map(any_clusters(dice, count, weights));
        ASSERT_TRUE(map);
        expect_shares(*map);
      }
    }
  });
  const auto most = make_shard_map(std::vector<cluster>(1, {"big", max_weight, max_shards}));
  EXPECT_EQ(most->shard_count(), max_shards);
}

TEST(shard_map, the_first_does_not_depend_on_the_order_of_clusters) {
  tests::for_each_seed([](dice& dice) {
    auto clusters = any_clusters(dice, 4, 30);
    const auto map = make_shard_map(clusters);
    std::ranges::reverse(clusters);
    EXPECT_EQ(*make_shard_map(clusters), *map);
  });
}

TEST(shard_map, of_a_cluster_each_shard_has_its_part_whatever_the_cluster_owns) {
  tests::for_each_seed([](dice& dice) {
    std::vector<cluster> clusters;
    for (int i = 0; i < 6; ++i) clusters.push_back({"c" + std::to_string(dice.bits()), 1 + dice.below(3), 4});
    const auto map = make_shard_map(clusters);
    std::vector<std::int64_t> counts(map->shard_count());
    for (std::uint16_t i = 0; i < slot_count; ++i) ++counts.at(map->shard_of(slot{i}).value);
    for (std::size_t shard = 0; shard < counts.size(); ++shard) {
      const auto part = slots_of(*map, map->clusters()[shard / 4].name) / 4;
      EXPECT_LT(std::abs(counts[shard] - part), part / 5) << "shard " << shard << " of " << part;
    }
  });
}

TEST(shard_map, any_changes_move_only_what_they_have_to) {
  tests::for_each_seed([](dice& dice) {
    for (const std::uint32_t weights : {5U, max_weight}) {
      auto map = *make_shard_map(any_clusters(dice, 4, weights));
      for (int i = 0; i < 25; ++i) {
        const auto before = map;
        const auto clusters = before.clusters();
        const auto picked = clusters[dice.below(clusters.size())];
        if (const auto what = dice.below(3); what == 0 && clusters.size() > 1) {
          map = *remove_cluster(before, picked.name);
          expect_change(before, map, picked.name, direction::gives);
        } else if (what == 1) {
          const auto weight = 1 + dice.below(weights);
          map = *change_weight(before, picked.name, weight);
          if (weight == picked.weight) {
            EXPECT_EQ(map, before);
          } else {
            expect_change(before, map, picked.name, weight > picked.weight ? direction::receives : direction::gives);
          }
        } else {
          const auto added = any_cluster(dice, "n" + std::to_string(i), weights);
          map = *add_cluster(before, added);
          expect_change(before, map, added.name, direction::receives);
        }
        if (::testing::Test::HasFailure()) return;
      }
    }
  });
}

// What shares.hpp says in rule 3.
TEST(shard_map, shares_hold_through_all_changes_of_clusters_of_one_weight) {
  auto map = *make_shard_map({{"c0", 3, 1}});
  for (int i = 1; i < 16; ++i) {
    map = *add_cluster(map, {"c" + std::to_string(i), 3, 1});
    expect_shares(map);
  }
  for (int i = 0; i < 12; ++i) {
    map = *remove_cluster(map, "c" + std::to_string(i));
    expect_shares(map);
  }
}

// What it says in rule 4: where rounding was unlucky, nobody gives more than the newcomer takes.
TEST(shares, are_as_near_as_a_small_newcomer_lets_them) {
  std::vector<share> shares;
  for (int i = 0; i < 10; ++i) shares.push_back({1'000, 1'639});  // q = 1637.9 with the newcomer
  shares.push_back({3, 0});
  shares[0].slots = 1'638 - 5;
  shares[9].slots = 1'638;
  std::uint32_t sum = 0;
  for (const auto& share : shares) sum += share.slots;
  shares[1].slots += slot_count - sum;
  const auto slots = shares_after(shares, 10, direction::receives);
  EXPECT_EQ(slots[10], 5U) << "q = 4.91";
  EXPECT_EQ(slots[0], shares[0].slots) << "it has too few already";
  EXPECT_EQ(std::ranges::count(slots, 1'639U), 4) << "of nine slots too many, five could go";
  EXPECT_EQ(std::ranges::max(slots), 1'639U);
  std::uint32_t after = 0;
  for (const auto count : slots) after += count;
  EXPECT_EQ(after, slot_count);
}

TEST(shard_map, a_newcomer_takes_the_slots_for_which_its_score_is_highest) {
  const auto before = *make_shard_map({{"a", 1, 1}, {"b", 4, 1}, {"c", 2, 1}});
  const auto after = *add_cluster(before, {"new", 3, 1});
  for (const auto& donor : before.clusters()) {
    std::uint64_t least_taken = ~0ULL;
    std::uint64_t most_left = 0;
    for (std::uint16_t i = 0; i < slot_count; ++i) {
      if (before.cluster_of(slot{i}).name != donor.name) continue;
      if (after.cluster_of(slot{i}).name == "new")
        least_taken = std::min(least_taken, score("new", slot{i}));
      else
        most_left = std::max(most_left, score("new", slot{i}));
    }
    EXPECT_GT(least_taken, most_left) << donor.name;
  }
}

TEST(shard_map, slots_of_one_that_goes_are_where_the_score_is_highest_as_far_as_there_is_room) {
  const auto before = *make_shard_map({{"a", 1, 1}, {"b", 4, 1}, {"c", 2, 1}, {"gone", 2, 1}});
  const auto after = *remove_cluster(before, "gone");
  std::vector<std::uint64_t> least(after.clusters().size(), ~0ULL);  // score of what each received
  const auto for_each_moved = [&](auto run) {
    for (std::uint16_t i = 0; i < slot_count; ++i) {
      if (before.cluster_of(slot{i}).name == "gone") run(slot{i}, after.owners()[i]);
    }
  };
  for_each_moved(
      [&](slot slot, std::uint8_t to) { least[to] = std::min(least[to], score(after.clusters()[to].name, slot)); });
  for_each_moved([&](slot slot, std::uint8_t to) {
    const auto own = score(after.clusters()[to].name, slot);
    for (std::size_t other = 0; other < least.size(); ++other) {
      const auto others = score(after.clusters()[other].name, slot);
      if (others > own) {
        EXPECT_GT(least[other], others) << "a full one took better ones";
      }
    }
  });
}

// On another machine, or after a change of the code, these may not be others: clusters would look for topics elsewhere.
TEST(shard_map, is_the_same_on_every_machine) {
  EXPECT_EQ(score("main", slot{0}), 10'956'020'125'400'974'368U);
  EXPECT_EQ(score("main", slot{258}), 6'107'747'179'730'691'936U);
  auto map = *make_shard_map({{"blue", 2, 4}, {"green", 1, 2}, {"red", 3, 3}});
  map = *add_cluster(map, {"amber", 2, 2});
  map = *remove_cluster(map, "green");
  map = *change_weight(map, "red", 1);
  EXPECT_EQ(map.version(), 4U);
  std::string owners;
  std::string shards;
  for (std::uint16_t i = 0; i < 32; ++i) {
    owners += map.cluster_of(slot{i}).name[0];
    shards += static_cast<char>('0' + map.shard_of(slot{i}).value);
  }
  EXPECT_EQ(owners, "rababbbbabbaabbaaraabbrabbbabaab");
  EXPECT_EQ(shards, "60505353124012401601357135312104");
  std::uint64_t sum = 0;
  for (const auto owner : map.owners()) sum = sum * 31 + owner;
  EXPECT_EQ(sum, 7'404'212'802'219'640'851U);
}

TEST(shard_map, refuses_what_makes_no_sense) {
  const auto map = *make_shard_map({{"a", 1, 1}});
  EXPECT_EQ(make_shard_map({}).error(), errc::no_cluster);
  EXPECT_EQ(make_shard_map({{"a", 1, 1}, {"a", 2, 1}}).error(), errc::cluster_name_taken);
  EXPECT_EQ(make_shard_map({{"a b", 1, 1}}).error(), errc::cluster_name_invalid);
  EXPECT_EQ(make_shard_map({{std::string(33, 'x'), 1, 1}}).error(), errc::cluster_name_invalid);
  EXPECT_EQ(make_shard_map({{"a", 0, 1}}).error(), errc::weight_out_of_range);
  EXPECT_EQ(make_shard_map({{"a", 1'001, 1}}).error(), errc::weight_out_of_range);
  EXPECT_EQ(make_shard_map({{"a", 1, 0}}).error(), errc::shards_out_of_range);
  EXPECT_EQ(make_shard_map({{"a", 1, 65}}).error(), errc::shards_out_of_range);
  EXPECT_EQ(make_shard_map(std::vector<cluster>(65, {"a", 1, 1})).error(), errc::too_many_clusters);
  EXPECT_EQ(add_cluster(map, {"a", 1, 1}).error(), errc::cluster_name_taken);
  EXPECT_EQ(add_cluster(map, {"", 1, 1}).error(), errc::cluster_name_invalid);
  EXPECT_EQ(remove_cluster(map, "b").error(), errc::cluster_unknown);
  EXPECT_EQ(remove_cluster(map, "a").error(), errc::no_cluster);
  EXPECT_EQ(change_weight(map, "b", 1).error(), errc::cluster_unknown);
  EXPECT_EQ(change_weight(map, "a", 0).error(), errc::weight_out_of_range);
}

TEST(shard_map, is_assembled_from_what_was_stored) {
  const auto map = *make_shard_map({{"a", 1, 2}, {"b", 2, 1}});
  const std::vector<cluster> clusters(map.clusters().begin(), map.clusters().end());
  EXPECT_EQ(*shard_map::assemble(1, clusters, map.owners()), map);
  EXPECT_EQ(shard_map::assemble(1, {}, map.owners()).error(), errc::no_cluster);
  EXPECT_EQ(shard_map::assemble(1, {clusters[0]}, map.owners()).error(), errc::table_invalid);
  EXPECT_EQ(shard_map::assemble(1, {clusters[1], clusters[0]}, map.owners()).error(), errc::table_invalid);
  EXPECT_EQ(shard_map::assemble(1, {clusters[0], clusters[0]}, map.owners()).error(), errc::table_invalid);
}

TEST(errc, each_has_a_sentence_of_its_own) {
  std::set<std::string_view> sentences;
  for (int i = 0; i <= static_cast<int>(errc::config_unavailable); ++i) sentences.insert(explain(static_cast<errc>(i)));
  EXPECT_EQ(sentences.size(), static_cast<std::size_t>(errc::config_unavailable) + 1);
  EXPECT_FALSE(sentences.contains("unknown error"));
}

}  // namespace
}  // namespace headgate::shard_router
