#pragma once

#include <string>
#include <string_view>

#include "session-store/session_record.hpp"
#include "tests/unit/property.hpp"

namespace headgate::session_store {

// The examples of FORMAT.md.
inline session_record example_record() {
  return {
      .first_packet_id = 7,
      .inflight = {{.log = 1, .offset = 1000},
                   {.log = 1, .offset = 1003, .progress = stored_inflight::state::received, .qos = 2, .retain = true}},
      .places_before_leap = 1,
      .received = {{.packet_id = 5, .number = 7}, {.packet_id = 300, .number = 9}},
      .nonce = 0x1122'3344'5566'7788,
      .next_number = 10,
      .subscriptions = {{.filter = "a/+", .maximum_qos = 1, .starts = {}},
                        {.filter = "dev/1/cmd",
                         .identifier = 300,
                         .maximum_qos = 2,
                         .no_local = true,
                         .starts = {{.log = 1, .start = 1002}}}},
      .positions = {{.log = 1, .next = 1004}},
  };
}
inline stored_will example_will() {
  return {.client_id = "dev-1",
          .user_name = "bob",
          .topic = "dev/1",
          .payload = "gone",
          .properties = "\x01\x01",
          .expiry_s = 60,
          .qos = 1,
          .retain = true,
          .nonce = 0x8877'6655'4433'2211};
}

inline std::string from_hex(std::string_view digits) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  std::string data;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    data.push_back(static_cast<char>(value(digits[at]) * 16 + value(digits[at + 1])));
  }
  return data;
}

// A number of any size: small ones as often as large ones.
inline std::uint64_t any_number(tests::dice& dice) {
  return dice.bits() >> dice.below(64);
}
inline std::string any_text(tests::dice& dice, std::uint32_t least) {
  std::string text(least + dice.below(dice.one_in(20) ? 300 : 20), '\0');
  for (auto& character : text) character = static_cast<char>(dice.below(256));
  return text;
}

inline stored_subscription any_subscription(tests::dice& dice) {
  stored_subscription subscription{
      .filter = any_text(dice, 1),
      .identifier = dice.one_in(2) ? 0 : static_cast<std::uint32_t>(any_number(dice) & 0x0fff'ffff),
      .maximum_qos = static_cast<std::uint8_t>(dice.below(3)),
      .no_local = dice.one_in(2),
      .retain_as_published = dice.one_in(2),
      .starts = {},
  };
  for (auto count = dice.below(3); count > 0; --count) {
    subscription.starts.push_back({static_cast<std::uint32_t>(any_number(dice)), any_number(dice)});
  }
  return subscription;
}

inline session_record any_record(tests::dice& dice) {
  session_record record;
  record.first_packet_id = static_cast<std::uint16_t>(1 + dice.below(65'535));
  std::uint64_t offset = any_number(dice);
  for (auto count = dice.below(dice.one_in(10) ? 1000 : 4); count > 0; --count) {
    offset = dice.one_in(10) ? dice.bits() : offset + any_number(dice) - any_number(dice);
    record.inflight.push_back({
        .log = dice.below(2),
        .offset = offset,
        .progress = static_cast<stored_inflight::state>(dice.below(3)),
        .qos = static_cast<std::uint8_t>(1 + dice.below(2)),
        .retain = dice.one_in(2),
    });
  }
  if (dice.one_in(3)) {
    record.places_before_leap =
        static_cast<std::uint16_t>(dice.below(static_cast<std::uint32_t>(record.inflight.size()) + 1));
  }
  for (std::uint32_t id = 0; dice.below(3) != 0;) {
    id += 1 + dice.below(dice.one_in(5) ? 20'000 : 5);
    if (id > 65'535) break;
    record.received.push_back({static_cast<std::uint16_t>(id), 1 + any_number(dice) / 2});
    record.next_number = std::max(record.next_number, record.received.back().number + 1 + dice.below(3));
    if (record.nonce == 0) record.nonce = dice.bits() | 1U;
  }
  for (auto count = dice.below(5); count > 0; --count) record.subscriptions.push_back(any_subscription(dice));
  for (auto count = dice.below(5); count > 0; --count) {
    record.positions.push_back({static_cast<std::uint32_t>(any_number(dice)), any_number(dice)});
  }
  return record;
}

inline stored_will any_will(tests::dice& dice) {
  return {
      .client_id = any_text(dice, 1),
      .user_name = any_text(dice, 0),
      .topic = any_text(dice, 1),
      .payload = any_text(dice, 0),
      .properties = any_text(dice, 0),
      .expiry_s = dice.one_in(2) ? 0xffff'ffff : static_cast<std::uint32_t>(any_number(dice)),
      .qos = static_cast<std::uint8_t>(dice.below(3)),
      .retain = dice.one_in(2),
      .nonce = dice.one_in(2) ? 0 : dice.bits() | 1,
  };
}

}  // namespace headgate::session_store
