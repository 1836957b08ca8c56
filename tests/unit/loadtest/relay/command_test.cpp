#include "loadtest/relay/command.hpp"

#include <gmock/gmock.h>

#include "loadtest/relay/words.hpp"

namespace headgate::loadtest::relay {
namespace {

using ::testing::HasSubstr;

command good(std::string_view line) {
  const auto parsed = parse_command(line);
  if (const auto* error = std::get_if<std::string>(&parsed)) ADD_FAILURE() << line << ": " << *error;
  return std::holds_alternative<command>(parsed) ? std::get<command>(parsed) : command{};
}

std::string error_of(std::string_view line) {
  const auto parsed = parse_command(line);
  if (std::holds_alternative<command>(parsed)) ADD_FAILURE() << "taken: " << line;
  return std::holds_alternative<command>(parsed) ? std::string() : std::get<std::string>(parsed);
}

TEST(command, rules_in_words) {
  const std::pair<const char*, const char*> lines[] = {
      {"drop", "drop the next PUBLISH, of all connections"},
      {"drop publish down nth 5000", "drop PUBLISH 5000 down, of all connections"},
      {"drop publish 10000 down", "drop PUBLISH 10000 down, of all connections"},
      {"drop puback times 3 client a", "drop the next 3 PUBACK, of client 'a'"},
      {"drop publish nth 5 times 3 connection 2", "drop PUBLISH 5 and the 2 after it, of connection 2"},
      {"drop any all up", "drop each packet up, of all connections"},
      {"duplicate publish every 100 each down",
       "duplicate each 100th PUBLISH down, counted for each connection and direction, of all connections"},
      {"swap publish down", "swap the next PUBLISH down, of all connections"},
      {"corrupt publish down probability 0.001 times 3",
       "corrupt the payload of PUBLISH down with probability 0.001000, 3 times at most, of all connections"},
      {"corrupt topic on 'a/#'", "corrupt the topic of the next PUBLISH on 'a/#', of all connections"},
      {"cut PUBACK down nth 2", "cut at PUBACK 2 down, of all connections"},
      {"delay 50ms jitter 10ms", "delay 50ms jitter 10ms, of all connections"},
      {"stall 1s every 10s down", "stall 1s every 10s down, of all connections"},
      {"stall", "stall until it is cleared, of all connections"},
      {"throttle 10KiB up client 'my client'", "throttle to 10240 bytes a second up, of client 'my client'"},
      {"refuse times 3", "refuse the next 3 connections, of all connections"},
      {"black-hole connection 2", "black-hole, of connection 2"},
  };
  for (const auto& [line, words] : lines) {
    const auto asked = good(line);
    EXPECT_EQ(asked.asks, command::verb::add) << line;
    EXPECT_EQ(describe(asked.what), words) << line;
  }
}

TEST(command, what_acts_at_once) {
  EXPECT_EQ(good("cut all").asks, command::verb::cut);
  EXPECT_EQ(good("cut").asks, command::verb::cut);
  EXPECT_EQ(good("cut client sensor-7").what.connections.client_id, "sensor-7");
  const auto half = good("half-close down connection 3");
  EXPECT_EQ(half.asks, command::verb::half_close);
  EXPECT_FALSE(half.what.up);
  EXPECT_EQ(half.what.connections.number, 3U);
  EXPECT_EQ(good("clear").cleared, std::nullopt);
  EXPECT_EQ(good("clear black-hole").cleared, fault_kind::black_hole);
  EXPECT_EQ(good("  stats ").asks, command::verb::stats);
  EXPECT_EQ(good("quit").asks, command::verb::quit);
}

TEST(command, errors_say_what_to_write) {
  const std::pair<const char*, const char*> lines[] = {
      {"", "write for example 'drop publish down'"},
      {"dorp publish", "'dorp' is no command; they are drop, duplicate,"},
      {"drop publihs", "'publihs' means nothing in drop; write PACKET"},
      {"drop publish up down", "leave both out"},
      {"drop publish nth", "nothing is no number of a packet; write for example 'nth 5000'"},
      {"drop publish nth 0", "'0' is no number of a packet"},
      {"drop publish nth 5 every 3", "second choice"},
      {"drop publish probability 2", "write 'probability 0.001'"},
      {"drop publish every 3 probability 0.1", "leave one out"},
      {"drop publish times x", "'x' is no number from 1 on"},
      {"drop publish on 'a/#/b'", "'a/#/b' is no topic filter"},
      {"drop puback on a", "only PUBLISH has a topic"},
      {"drop publish on 'a", "a quote is not closed"},
      {"swap puback", "only PUBLISH can be swapped; write 'swap publish'"},
      {"corrupt puback", "only PUBLISH can be corrupted"},
      {"delay",
       "nothing is no time: it is in seconds, or has us, ms, s, m or h behind it; write for example 'delay 50ms'"},
      {"delay 50d", "'50d' is no time: it is in seconds"},
      {"stall every 10s", "'every' means nothing in stall; write for example 'stall 1s every 10s down'"},
      {"stall 10s every 1s", "never ends"},
      {"throttle", "write for example 'throttle 10KiB'"},
      {"throttle 0", "no number of bytes a second"},
      {"half-close", "write 'half-close up' or 'half-close down'"},
      {"cut down", "write 'half-close down' for one of them"},
      {"refuse client a", "write 'refuse'"},
      {"cut client", "the client id is missing"},
      {"clear everything", "'everything' is no kind of fault"},
      {"quit now", "'quit' stands alone"},
  };
  for (const auto& [line, words] : lines) EXPECT_THAT(error_of(line), HasSubstr(words)) << line;
}

TEST(words, quantities) {
  EXPECT_EQ(parse_duration("250us"), 250'000U);
  EXPECT_EQ(parse_duration("5"), 5'000'000'000U) << "seconds, as everywhere in this program";
  EXPECT_EQ(parse_duration("1.5s"), 1'500'000'000U);
  EXPECT_EQ(parse_duration("2m"), 120'000'000'000U);
  for (const auto* bad : {"", "s", "-1s", "1e3s", "5 s", "nan", "infs", "9999999h"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_bytes("10KiB"), 10'240U);
  EXPECT_EQ(parse_bytes("1000"), 1000U);
  EXPECT_EQ(parse_bytes("2MB"), 2'000'000U);
  EXPECT_EQ(parse_bytes("0"), std::nullopt);
  EXPECT_EQ(parse_probability("1%"), 0.01);
  EXPECT_EQ(parse_probability("0"), std::nullopt);
  EXPECT_EQ(parse_number("18446744073709551616"), std::nullopt);
}

TEST(words, splitting) {
  using list = std::vector<std::string>;
  EXPECT_EQ(split_words("  a\tb  "), (list{"a", "b"}));
  EXPECT_EQ(split_words("a 'b c' \"d'e\" f'g h'"), (list{"a", "b c", "d'e", "fg h"}));
  EXPECT_EQ(split_words("'' a"), (list{"", "a"}));
  EXPECT_EQ(split_words("a 'b"), std::nullopt);
}

}  // namespace
}  // namespace headgate::loadtest::relay
