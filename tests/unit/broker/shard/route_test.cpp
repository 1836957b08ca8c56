#include "broker/shard/route.hpp"

#include <set>

#include "tests/unit/property.hpp"

namespace headgate::broker::shard {
namespace {

route made(std::uint32_t number) {
  return {base::worker_id{static_cast<std::uint16_t>(number % 3)}, link::filter_id{number / 3}};
}

std::set<std::uint32_t> numbers(const route_set& routes) {
  std::set<std::uint32_t> found;
  for (const auto& route : routes.all()) {
    EXPECT_TRUE(found.insert(route.filter.value * 3 + route.worker.value).second) << "there twice";
  }
  return found;
}

TEST(route_set, takes_16_bytes_and_no_more_for_one_route) {
  EXPECT_EQ(sizeof(route_set), 16U);
  route_set routes;
  const auto is_inside = [&] { return static_cast<const void*>(routes.all().data()) == &routes; };
  routes.insert(made(1));
  EXPECT_TRUE(is_inside());
  routes.insert(made(2));
  EXPECT_FALSE(is_inside());
  routes.erase(made(1));
  EXPECT_TRUE(is_inside());
}

TEST(route_set, property_like_a_set) {
  headgate::tests::for_each_seed([](headgate::tests::dice& dice) {
    route_set routes;
    std::set<std::uint32_t> model;
    for (int step = 0; step < 10'000; ++step) {
      // Mostly none, one or two, where its form changes; now and then many.
      const auto number = dice.below(step / 500 % 4 == 3 ? 60 : 3);
      if (dice.one_in(2)) {
        ASSERT_EQ(routes.insert(made(number)), model.insert(number).second);
      } else {
        ASSERT_EQ(routes.erase(made(number)), model.erase(number) == 1);
      }
      ASSERT_EQ(numbers(routes), model);
      ASSERT_EQ(routes.empty(), model.empty());
    }
  });
}

}  // namespace
}  // namespace headgate::broker::shard
