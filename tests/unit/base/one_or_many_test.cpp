#include "base/one_or_many.hpp"

#include <vector>

#include "tests/unit/property.hpp"

namespace headgate::base {
namespace {

TEST(one_or_many, property_like_a_vector_where_the_last_takes_the_free_place) {
  tests::for_each_seed([](tests::dice& dice) {
    one_or_many<std::uint32_t> set;
    std::vector<std::uint32_t> model;
    for (int step = 0; step < 20'000; ++step) {
      const auto most = step / 1000 % 4 == 3 ? 100U : 3U;
      if (model.size() < most && dice.one_in(2)) {
        const auto added = static_cast<std::uint32_t>(dice.below(1'000'000));
        ASSERT_EQ(set.add(added), model.size());
        model.push_back(added);
      } else if (!model.empty()) {
        const auto place = static_cast<std::uint32_t>(dice.below(model.size()));
        set.remove(place);
        model[place] = model.back();
        model.pop_back();
      }
      const auto held = set.all();
      ASSERT_EQ(std::vector<std::uint32_t>(held.begin(), held.end()), model);
      ASSERT_EQ(set.empty(), model.empty());
    }
  });
}

}  // namespace
}  // namespace headgate::base
