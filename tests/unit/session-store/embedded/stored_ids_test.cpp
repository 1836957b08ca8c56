#include "session-store/embedded/stored_ids.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/hash.hpp"
#include "tests/unit/property.hpp"

namespace headgate::session_store::embedded {
namespace {

TEST(stored_ids, agrees_with_a_naive_model) {
  tests::for_each_seed([](tests::dice& dice) {
    stored_ids ids;
    // Few hashes, of which some agree in the bits that are kept, and one has none of the lower ones.
    std::vector<std::uint64_t> hashes = {0, 1, std::uint64_t{1} << 40, (std::uint64_t{1} << 40) + 1};
    for (int n = 0; n < 200; ++n) {
      hashes.push_back(dice.bits());
      if (dice.one_in(3)) hashes.push_back(hashes.back() ^ (std::uint64_t{1} << 45));
      if (dice.one_in(3)) hashes.push_back(hashes.back() + 1);
    }
    const auto bits_of = [](std::uint64_t hash) {
      const auto low = static_cast<std::uint32_t>(hash);
      return std::pair(hash >> 58, low == 0 ? 1 : low);
    };
    std::map<std::pair<std::uint64_t, std::uint32_t>, int> model;
    std::size_t size = 0;
    for (int n = 0; n < 50'000; ++n) {
      const auto hash = hashes[dice.below(hashes.size())];
      auto& count = model[bits_of(hash)];
      ASSERT_EQ(ids.contains(hash), count > 0);
      if (count > 0 && dice.one_in(2)) {
        ids.erase(hash);
        --count;
        --size;
      } else if (count < 3) {
        ids.insert(hash);
        ++count;
        ++size;
      }
      ASSERT_EQ(ids.size(), size);
    }
  });
}

TEST(stored_ids, costs_at_most_eleven_bytes_an_id_whatever_their_number) {
  stored_ids ids;
  std::uint64_t taken_by_mistake = 0;
  for (std::uint32_t n = 0; n < 300'000; ++n) {
    const auto hash = base::hash_of("device-" + std::to_string(n));
    taken_by_mistake += ids.contains(hash) ? 1 : 0;
    ids.insert(hash);
    if (n > 50'000) {
      ASSERT_LE(ids.memory(), 11U * ids.size());
    }
  }
  EXPECT_LE(taken_by_mistake, 5U);
}

}  // namespace
}  // namespace headgate::session_store::embedded
