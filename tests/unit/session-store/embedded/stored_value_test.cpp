#include "session-store/embedded/stored_value.hpp"

#include <gtest/gtest.h>

#include "session-store/embedded/keys.hpp"
#include "tests/unit/session-store/records.hpp"

namespace headgate::session_store::embedded {
namespace {

stored_value held_example() {
  stored_value value;
  value.epoch = 7;
  value.life = 3;
  value.saved = true;
  value.record = "record";
  set_times(value, 60, true, 5, 0);
  return value;
}
stored_value kept_example() {
  auto value = held_example();
  value.life = nobodys_life;
  set_times(value, 60, true, 5, 1'700'000'000'000);
  return value;
}

errc error_of(std::string_view hex) {
  const auto decoded = decode_stored_value(base::as_bytes(from_hex(hex)));
  EXPECT_FALSE(decoded) << hex;
  return decoded ? errc{255} : decoded.error();
}

TEST(stored_value, examples_of_the_format_note) {
  const auto held = from_hex("010f0703e0d40388277265636f7264");
  EXPECT_EQ(encode(held_example()), held);
  const auto decoded = decode_stored_value(base::as_bytes(held));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, held_example());
  EXPECT_EQ(held_example().due_ms(), 5'000U);

  const auto kept = from_hex("010e07e0a499ffbc3188f795ffbc317265636f7264");
  EXPECT_EQ(encode(kept_example()), kept);
  EXPECT_EQ(*decode_stored_value(base::as_bytes(kept)), kept_example());

  EXPECT_EQ(due_key(3, 5'000, "dev-1"), "d" + from_hex("00000000000000030000000000001388") + "dev-1");
  EXPECT_EQ(due_key(0, kept_example().due_ms(), "dev-1"), "d" + from_hex("00000000000000000000018bcfe57b88") + "dev-1");
  EXPECT_EQ(session_key("dev-1"), "sdev-1");
  EXPECT_EQ(will_key("dev-1"), "wdev-1");
  EXPECT_EQ(life_key(258), "l" + from_hex("0000000000000102"));
  EXPECT_EQ(given_will_key(258, "dev-1"), "g" + from_hex("0000000000000102") + "dev-1");
  EXPECT_EQ(encode_life(300), from_hex("01ac02"));
}

TEST(stored_value, keys_are_read_back) {
  const auto key = due_key(3, 5'000, "dev-1");
  const auto place = place_of_due_key(key);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->life, 3U);
  EXPECT_EQ(place->at_ms, 5'000U);
  EXPECT_EQ(place->client_id, "dev-1");
  EXPECT_EQ(life_of_key(life_key(77)), 77U);
  EXPECT_EQ(client_id_of_session_key("sdev-1"), "dev-1");
  EXPECT_FALSE(place_of_due_key(key.substr(0, 16)));
  EXPECT_FALSE(place_of_due_key("s" + key.substr(1)));
  EXPECT_FALSE(life_of_key("l1234567"));
  EXPECT_FALSE(life_of_key("l123456789"));
  EXPECT_FALSE(client_id_of_session_key("wdev-1"));
  EXPECT_FALSE(client_id_of_session_key(""));
}

TEST(stored_value, keys_stand_in_the_order_of_their_times) {
  EXPECT_LT(due_key(1, 255, "z"), due_key(1, 256, "a"));
  EXPECT_LT(due_key(1, never, "z"), due_key(2, 0, "a"));
}

stored_value any_value(tests::dice& dice) {
  stored_value value;
  value.epoch = any_number(dice);
  value.user = dice.one_in(2) ? 0 : any_number(dice);
  value.life = dice.one_in(2) ? nobodys_life : any_number(dice);
  value.ends_ms = dice.one_in(3) ? never : any_number(dice) >> 1;
  value.has_will = dice.one_in(2);
  if (value.has_will) value.will_ms = any_number(dice) >> 1;
  value.saved = dice.one_in(2);
  if (value.saved) value.record = any_text(dice, 0);
  return value;
}

TEST(stored_value, round_trips_and_mutations_are_refused_or_repeated) {
  tests::for_each_seed([](tests::dice& dice) {
    for (int n = 0; n < 5'000; ++n) {
      const auto value = any_value(dice);
      auto data = encode(value);
      const auto decoded = decode_stored_value(base::as_bytes(data));
      ASSERT_TRUE(decoded) << explain(decoded.error());
      ASSERT_EQ(*decoded, value);
      data[dice.below(data.size())] = static_cast<char>(dice.below(256));
      if (dice.one_in(3)) data.resize(dice.below(data.size() + 1));
      const auto other = decode_stored_value(base::as_bytes(data));
      ASSERT_TRUE(!other || encode(*other) == data);
      const auto life = decode_life(base::as_bytes(data));
      ASSERT_TRUE(!life || encode_life(*life) == data);
    }
  });
}

TEST(stored_value, what_is_no_value_is_refused) {
  EXPECT_EQ(error_of(""), errc::truncated);
  EXPECT_EQ(error_of("0000"), errc::unknown_version);
  EXPECT_EQ(error_of("020007"), errc::unknown_version);
  EXPECT_EQ(error_of("012007"), errc::value_invalid);                      // an unknown flag
  EXPECT_EQ(error_of("01000700"), errc::trailing_bytes);                   // a record, not said to be there
  EXPECT_EQ(error_of("01010700"), errc::value_invalid);                    // life 0, said to be one
  EXPECT_EQ(error_of("01100700"), errc::value_invalid);                    // user 0, said to be one
  EXPECT_EQ(error_of("010207ffffffffffffffffff01"), errc::value_invalid);  // "never", written
  EXPECT_EQ(error_of("010207"), errc::truncated);
  EXPECT_EQ(error_of("01008000"), errc::value_invalid);  // a number that is not in its shortest form
  EXPECT_FALSE(decode_life(base::as_bytes(from_hex("0105ff"))));
  EXPECT_FALSE(decode_life(base::as_bytes(from_hex("0205"))));
}

}  // namespace
}  // namespace headgate::session_store::embedded
