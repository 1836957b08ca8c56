#include "session-store/due_heap.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/property.hpp"

namespace headgate::session_store {
namespace {

TEST(due_heap, gives_the_earliest_whatever_was_put_in_and_taken_out) {
  tests::for_each_seed([](tests::dice& dice) {
    std::vector<std::uint32_t> places(300, 0xffff'ffff);
    const auto place_of = [&](std::uint32_t number) -> std::uint32_t& { return places[number]; };
    due_heap heap(place_of);
    std::map<std::uint32_t, std::uint64_t> model;
    std::multiset<std::uint64_t> times;
    for (int n = 0; n < 20'000; ++n) {
      const auto number = dice.below(places.size());
      if (const auto found = model.find(number); found != model.end()) {
        times.erase(times.find(found->second));
        model.erase(found);
        heap.erase(number);
      } else if (dice.one_in(3)) {
        heap.erase(number);  // not there: without effect
      } else {
        const std::uint64_t at_ms = dice.below(1000);
        heap.insert(at_ms, number);
        model[number] = at_ms;
        times.insert(at_ms);
      }
      ASSERT_EQ(heap.size(), model.size());
      if (heap.empty()) continue;
      ASSERT_EQ(heap.first().at_ms, *times.begin());
      ASSERT_EQ(model.at(heap.first().number), heap.first().at_ms);
    }
  });
}

}  // namespace
}  // namespace headgate::session_store
