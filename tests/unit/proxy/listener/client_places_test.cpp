#include "proxy/listener/client_places.hpp"

#include <gtest/gtest.h>

namespace headgate::proxy::listener {
namespace {

TEST(client_places, can_become_more_and_fewer) {
  client_places places(1);
  EXPECT_TRUE(places.take());
  EXPECT_FALSE(places.take());
  places.set_most(2);
  EXPECT_EQ(places.most(), 2U);
  EXPECT_TRUE(places.take());
  places.set_most(1);
  places.give_back();
  EXPECT_FALSE(places.take()) << "who is above the bound stays, and nobody comes until they have gone";
  places.give_back();
  EXPECT_TRUE(places.take());
}

TEST(client_places, tell_once_for_each_bound_that_they_are_taken) {
  client_places places(0);
  EXPECT_TRUE(places.first_refusal());
  EXPECT_FALSE(places.first_refusal());
  places.set_most(5);
  EXPECT_TRUE(places.first_refusal());
}

}  // namespace
}  // namespace headgate::proxy::listener
