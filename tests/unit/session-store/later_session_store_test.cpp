#include "tests/support/later_session_store.hpp"

#include <gtest/gtest.h>

#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

std::uint32_t request_of(const answer& answer) {
  return std::visit([](const auto& one) { return one.request; }, answer);
}

TEST(later_session_store, keeps_the_order_of_each_client_id_and_mixes_the_others) {
  tests::for_each_seed([](tests::dice& dice) {
    hand_moved_clock clock;
    answer_list answers;
    tests::later_session_store store(answers, dice.bits(),
                                     [&](auto& inner) { return std::make_unique<memory_session_store>(inner, clock); });
    constexpr std::uint32_t ids = 8;
    for (std::uint32_t n = 0; n < 20 * ids; ++n) {
      store.submit(claim{.request = n, .client_id = std::to_string(n % ids), .owner = owner_number(n), .force = true});
    }
    store.submit(sweep{.request = 20 * ids});
    EXPECT_TRUE(answers.all.empty());
    EXPECT_EQ(store.pending(), 20U * ids + 1);
    EXPECT_EQ(store.pending("3"), 20U);
    EXPECT_TRUE(store.deliver_one("3"));
    EXPECT_EQ(request_of(answers.all.front()), 3U);
    EXPECT_EQ(store.pending("3"), 19U);
    store.deliver_all();
    EXPECT_EQ(store.pending(), 0U);
    EXPECT_FALSE(store.deliver_one());
    ASSERT_EQ(answers.all.size(), 20U * ids + 1);

    std::vector<std::uint32_t> last(ids, 0);
    bool mixed = false;
    for (std::size_t n = 0; n < answers.all.size(); ++n) {
      const auto request = request_of(answers.all[n]);
      mixed |= request != n;
      if (!std::holds_alternative<claimed>(answers.all[n])) continue;
      EXPECT_TRUE(last[request % ids] == 0 || request > last[request % ids]);
      last[request % ids] = request;
    }
    EXPECT_TRUE(mixed);
  });
}

}  // namespace
}  // namespace headgate::session_store
