#include "mqtt/utf8.hpp"

#include <random>
#include <string>

#include "mqtt/topic.hpp"
#include "tests/unit/mqtt/packets.hpp"

namespace headgate::mqtt {
namespace {

text_check check(std::string_view text) {
  return check_utf8(hex(text));
}

// At every position in a text, so that both the eight-byte path and the single path see it.
void expect_everywhere(std::string_view sequence, text_check expected) {
  const buffer middle = hex(sequence);
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      buffer text(before, 'x');
      text.insert(text.end(), middle.begin(), middle.end());
      text.insert(text.end(), after, 'y');
      text.shrink_to_fit();
      ASSERT_EQ(check_utf8(text), expected) << sequence << ' ' << before << ' ' << after;
    }
  }
}

TEST(utf8, plain_text_of_every_length) {
  EXPECT_EQ(check_utf8({}), text_check::good);
  expect_everywhere("", text_check::good);
  expect_everywhere("01 7f", text_check::good);
}

TEST(utf8, sequences_of_two_to_four_bytes) {
  for (const auto* sequence : {"c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf",
                               "c3a9 e282ac f09f9880 c3a9 e282ac f09f9880"}) {
    expect_everywhere(sequence, text_check::good);
  }
}

TEST(utf8, MQTT_1_5_4_1_surrogates_are_refused) {
  for (const auto* sequence : {"eda080", "edadbf", "edb080", "edbfbf", "eda0bdedb880"}) {
    expect_everywhere(sequence, text_check::not_utf8);
  }
}

TEST(utf8, MQTT_1_5_4_1_overlong_forms_are_refused) {
  for (const auto* sequence : {"c080", "c0af", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf"}) {
    expect_everywhere(sequence, text_check::not_utf8);
  }
}

TEST(utf8, MQTT_1_5_4_1_what_is_no_utf8_at_all) {
  for (const auto* sequence : {"80", "bf", "c3", "c328", "e282", "e28228", "e22882", "f09f98", "f09f9828", "f4908080",
                               "f5808080", "fe", "ff", "f8888080 80"}) {
    expect_everywhere(sequence, text_check::not_utf8);
  }
}

TEST(utf8, MQTT_1_5_4_2_nul_is_refused) {
  expect_everywhere("00", text_check::has_nul);
}

TEST(utf8, MQTT_1_5_4_3_bom_and_non_characters_are_kept) {
  for (const auto* sequence : {"efbbbf", "efbfbe", "efbfbf", "efb790", "f09fbfbe"}) {
    expect_everywhere(sequence, text_check::good);
  }
}

TEST(utf8, what_is_wrong_first_is_reported) {
  EXPECT_EQ(check("'a' 00 ff"), text_check::has_nul);
  EXPECT_EQ(check("'a' ff 00"), text_check::not_utf8);
}

// The same rule said in another way: decode the number, then look whether its shortest form is this one.
text_check naive(bytes text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t lead = text[i];
    if (lead == 0) return text_check::has_nul;
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xc0) || lead >= 0xf8 || size > text.size() - i) return text_check::not_utf8;
    std::uint32_t number = size == 1 ? lead : lead & (0x7fU >> size);
    for (std::size_t k = 1; k < size; ++k) {
      if ((text[i + k] & 0xc0) != 0x80) return text_check::not_utf8;
      number = number << 6 | (text[i + k] & 0x3fU);
    }
    const std::size_t shortest = number < 0x80 ? 1 : number < 0x800 ? 2 : number < 0x1'0000 ? 3 : 4;
    if (shortest != size || number > 0x10'ffff || (number >= 0xd800 && number < 0xe000)) return text_check::not_utf8;
    i += size;
  }
  return text_check::good;
}

TEST(utf8, agrees_with_a_naive_reference) {
  constexpr unsigned seed = 20'261'121;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const std::uint8_t interesting[] = {0x00, 'a',  'b',  0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                      0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};
  for (int round = 0; round < 200'000; ++round) {
    buffer text(random() % 14, 'x');
    for (std::size_t n = random() % 5; n > 0 && !text.empty(); --n) {
      text[random() % text.size()] = interesting[random() % std::size(interesting)];
    }
    ASSERT_EQ(check_utf8(text), naive(text)) << testing::PrintToString(text);
    // All sequences of four bytes around the borders.
    for (auto& byte : text) byte = interesting[random() % std::size(interesting)];
    ASSERT_EQ(check_utf8(text), naive(text)) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace headgate::mqtt
