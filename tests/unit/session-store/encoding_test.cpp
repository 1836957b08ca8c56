#include <gtest/gtest.h>

#include <set>

#include "tests/unit/session-store/records.hpp"

namespace headgate::session_store {
namespace {

using tests::dice;
using tests::for_each_seed;

result<session_record> decode_record(std::string_view data) {
  return decode_session_record(base::as_bytes(data));
}
result<stored_will> decode_will(std::string_view data) {
  return decode_stored_will(base::as_bytes(data));
}

errc error_of_record(std::string_view hex) {
  const auto decoded = decode_record(from_hex(hex));
  EXPECT_FALSE(decoded) << hex;
  return decoded ? errc{255} : decoded.error();
}
errc error_of_will(std::string_view hex) {
  const auto decoded = decode_will(from_hex(hex));
  EXPECT_FALSE(decoded) << hex;
  return decoded ? errc{255} : decoded.error();
}

TEST(encoding, record_of_the_format_note) {
  const auto golden = from_hex(
      "0207"
      "02"
      "0001e807"
      "1d06"
      "01"
      "0211223344556677880a"
      "0503"
      "a70201"
      "02"
      "0103612f2b"
      "36ac02"
      "096465762f312f636d64"
      "0101ea07"
      "0101ec07");
  EXPECT_EQ(golden.size(), 52U);
  EXPECT_EQ(encode(example_record()), golden);
  const auto decoded = decode_record(golden);
  ASSERT_TRUE(decoded) << explain(decoded.error());
  EXPECT_EQ(*decoded, example_record());
}

TEST(encoding, will_of_the_format_note) {
  const auto golden = from_hex("021d3c8877665544332211056465762d3103626f62056465762f31020101676f6e65");
  EXPECT_EQ(encode(example_will()), golden);
  const auto decoded = decode_will(golden);
  ASSERT_TRUE(decoded) << explain(decoded.error());
  EXPECT_EQ(*decoded, example_will());
}

TEST(encoding, will_of_the_version_before_has_no_nonce) {
  const auto decoded = decode_will(from_hex("010d3c056465762d3103626f62056465762f31020101676f6e65"));
  ASSERT_TRUE(decoded) << explain(decoded.error());
  auto expected = example_will();
  expected.nonce = 0;
  EXPECT_EQ(*decoded, expected);
  EXPECT_EQ(error_of_will("011d3c8877665544332211056465762d3103626f62056465762f3100"), errc::value_invalid);
}

TEST(encoding, typical_record_takes_tens_of_bytes) {
  session_record record;
  record.subscriptions.push_back({.filter = "fleet/0000001234/cmd", .maximum_qos = 1, .starts = {}});
  record.positions.push_back({.log = 1, .next = 123'456'789});
  EXPECT_LE(encode(record).size(), 35U);
  // A full window of neighbours: two bytes each, in place of the nine that a fixed width would take.
  for (std::uint64_t offset = 0; offset < 1024; ++offset) record.inflight.push_back({.log = 1, .offset = offset});
  EXPECT_LE(encode(record).size(), 35U + 1024 * 2 + 5);
}

TEST(encoding, record_of_the_version_before_is_read) {
  auto before = example_record();
  before.places_before_leap = 0;
  auto text = encode(before);
  const auto leap = text.find(from_hex("1d0600"));
  ASSERT_NE(leap, std::string::npos);
  text.erase(leap + 2, 1);
  text[0] = 1;
  const auto decoded = decode_record(text);
  ASSERT_TRUE(decoded) << explain(decoded.error());
  EXPECT_EQ(*decoded, before);
}

TEST(encoding, empty_record) {
  EXPECT_EQ(encode(session_record{}), from_hex("020100000000"));
  EXPECT_EQ(*decode_record(from_hex("020100000000")), session_record{});
}

TEST(encoding, round_trips) {
  for_each_seed([](dice& dice) {
    for (int n = 0; n < 500; ++n) {
      const auto record = any_record(dice);
      const auto decoded = decode_record(encode(record));
      ASSERT_TRUE(decoded) << explain(decoded.error());
      ASSERT_EQ(*decoded, record);
      const auto will = any_will(dice);
      const auto decoded_will = decode_will(encode(will));
      ASSERT_TRUE(decoded_will) << explain(decoded_will.error());
      ASSERT_EQ(*decoded_will, will);
    }
  });
}

TEST(encoding, truncated_record_is_recognised_wherever_it_ends) {
  for_each_seed([](dice& dice) {
    for (int n = 0; n < 20; ++n) {
      const auto whole = n == 0 ? encode(example_record()) : encode(any_record(dice));
      if (whole.size() > 1000) continue;
      for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto decoded = decode_record(std::string_view(whole).substr(0, size));
        ASSERT_FALSE(decoded) << size;
        ASSERT_EQ(decoded.error(), errc::truncated) << size;
      }
    }
  });
}

TEST(encoding, truncated_will_is_recognised_before_its_payload) {
  const auto whole = encode(example_will());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto decoded = decode_will(std::string_view(whole).substr(0, size));
    if (size < whole.size() - example_will().payload.size()) {
      ASSERT_FALSE(decoded) << size;
      EXPECT_EQ(decoded.error(), errc::truncated) << size;
    } else {
      // What is left is the payload, whatever its size.
      EXPECT_TRUE(decoded) << size;
    }
  }
}

// Whatever the bytes, there is an answer; and what is accepted has no other encoding.
TEST(encoding, mutations_are_refused_or_repeated) {
  for_each_seed([](dice& dice) {
    for (int n = 0; n < 5'000; ++n) {
      auto data = dice.one_in(2) ? encode(any_record(dice)) : encode(any_will(dice));
      for (auto changes = 1 + dice.below(3); changes > 0; --changes) {
        data[dice.below(data.size())] = static_cast<char>(dice.below(256));
      }
      const auto record = decode_record(data);
      ASSERT_TRUE(!record || encode(*record) == data || data.front() == 1);  // of the version before
      const auto will = decode_will(data);
      ASSERT_TRUE(!will || data.front() == 1 || encode(*will) == data);
    }
  });
}

TEST(encoding, other_versions_and_trailing_bytes_are_refused) {
  EXPECT_EQ(error_of_record("000100000000"), errc::unknown_version);
  EXPECT_EQ(error_of_record("030100000000"), errc::unknown_version);
  EXPECT_EQ(error_of_record("03"), errc::unknown_version);
  EXPECT_EQ(error_of_record("02010000000000"), errc::trailing_bytes);
  EXPECT_EQ(error_of_will("03"), errc::unknown_version);
  EXPECT_EQ(error_of_will(""), errc::truncated);
}

TEST(encoding, values_outside_their_range_are_refused) {
  for (const auto* hex : {
           "020000000000",                                  // packet id 0
           "0280800400000000",                              // packet id 65,536
           "02818000000000",                                // a number that is not in its shortest form
           "020101030000000000",                            // a progress that does not exist
           "020101200000000000",                            // an unknown flag of a place
           "020101100000000000",                            // the same log as the place before, and there is none
           "0201020001000001000000",                        // the same log, not said by the flag
           "02010100ffffffff7f00000000",                    // a log of 35 bits
           "0201010001ffffffffffffffffff02000000",          // an offset of 65 bits
           "0201010001010200000000",                        // a leap behind more places than there are
           "02010001112233445566778805000100000000",        // a received id 0
           "02010002112233445566778805ffff03010101000000",  // a received id above 65,535
           "02010001000000000000000005010100000000",        // nonce 0
           "02010001112233445566778805010500000000",        // number 0
           "02010001112233445566778805010000000000",        // a number that was not given yet
           "0201000001030161"
           "00",  // Maximum QoS 3
           "0201000001400161"
           "00",  // an unknown flag of a subscription
           "020100000110000161"
           "00",  // identifier 0, said to be there
           "02010000011080808080010161"
           "00",  // identifier 268,435,456
           "0201000001000000"
           "00",  // an empty filter
           "020100000120016100"
           "00",  // starts said to be there, and none
       }) {
    EXPECT_EQ(error_of_record(hex), errc::value_invalid) << hex;
  }
  EXPECT_EQ(error_of_will("0203016300016100"), errc::value_invalid);  // QoS 3
  EXPECT_EQ(error_of_will("0220016300016100"),
            errc::value_invalid);  // an unknown flag
  EXPECT_EQ(error_of_will("020001630000"
                          "00"),
            errc::value_invalid);                                                     // no topic
  EXPECT_EQ(error_of_will("02000000016100"), errc::value_invalid);                    // no client id
  EXPECT_EQ(error_of_will("0208ffffffff0f016300016100"), errc::value_invalid);        // "never", written
  EXPECT_EQ(error_of_will("02100000000000000000016300016100"), errc::value_invalid);  // nonce 0, written
}

TEST(encoding, counts_are_bound_by_the_bytes_left) {
  // 32,767 places, 2^56 subscriptions, 2^63 positions, a filter of 65,535 bytes: nothing of it is there.
  EXPECT_EQ(error_of_record("0201ffff010001"), errc::truncated);
  EXPECT_EQ(error_of_record("02010000808080808080808001"), errc::truncated);
  EXPECT_EQ(error_of_record("0201000000"
                            "80808080808080808001"),
            errc::truncated);
  EXPECT_EQ(error_of_record("020100000100ffff0361"), errc::truncated);
}

TEST(encoding, every_error_is_explained_in_its_own_words) {
  std::set<std::string_view> words;
  for (const auto error : {errc::truncated, errc::trailing_bytes, errc::unknown_version, errc::value_invalid}) {
    words.insert(explain(error));
  }
  EXPECT_EQ(words.size(), 4U);
}

}  // namespace
}  // namespace headgate::session_store
