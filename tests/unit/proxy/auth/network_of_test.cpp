#include "proxy/auth/network_of.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace headgate::proxy::auth {
namespace {

TEST(network_of, an_ipv4_address_is_one_of_its_own) {
  EXPECT_EQ(network_of("192.0.2.7"), network_of("192.0.2.7"));
  EXPECT_EQ(network_of("::ffff:192.0.2.7"), network_of("192.0.2.7"));
  EXPECT_EQ(network_of("::ffff:c000:207"), network_of("192.0.2.7"));
  EXPECT_NE(network_of("192.0.2.7"), network_of("192.0.2.8"));
  EXPECT_NE(network_of("1.2.3.4"), network_of("4.3.2.1"));
}

TEST(network_of, an_ipv6_address_is_its_first_64_bits) {
  EXPECT_EQ(network_of("2001:db8:1:2::7"), network_of("2001:db8:1:2:aaaa:bbbb:cccc:dddd"));
  EXPECT_EQ(network_of("2001:db8::7"), network_of("2001:db8:0:0:1::"));
  EXPECT_EQ(network_of("2001:DB8::7"), 0x2001'0db8'0000'0000ULL);
  EXPECT_EQ(network_of("fe80::1%eth0"), network_of("fe80::2"));
  EXPECT_EQ(network_of("64:ff9b::192.0.2.7"), 0x0064'ff9b'0000'0000ULL);
  EXPECT_EQ(network_of("::2:3:4:5:6:7:8"), 0x0000'0002'0003'0004ULL);
  EXPECT_EQ(network_of("1::3:4:5:6:7:8"), 0x0001'0000'0003'0004ULL);
  EXPECT_EQ(network_of("1:2:3:4:5:6:7::"), 0x0001'0002'0003'0004ULL);
  EXPECT_NE(network_of("2001:db8:1:2::7"), network_of("2001:db8:1:3::7"));
}

TEST(network_of, all_are_different_and_none_is_zero) {
  const std::set<std::string> texts{"0.0.0.0",
                                    "255.255.255.255",
                                    "127.0.0.1",
                                    "::",
                                    "::1:0:0:0:0",
                                    "1::",
                                    "fe80::1",
                                    "2001:db8::",
                                    "",
                                    "no address",
                                    "client 7",
                                    "1.2.3",
                                    "1.2.3.4.5",
                                    "1.2.3.256",
                                    "1.2.3.4:80",
                                    "1:2:3:4:5:6:7",
                                    "1:2:3:4:5:6:7:8:9",
                                    "1::2::3",
                                    ":1",
                                    "1:",
                                    "12345::",
                                    "1.2..3",
                                    "::1.2.3.4.5",
                                    "[::1]",
                                    "%",
                                    "+1.2.3.4",
                                    "1:2:3:4:5:6:7:1.2.3.4",
                                    "-1::"};
  std::set<std::uint64_t> networks;
  for (const auto& text : texts) networks.insert(network_of(text));
  EXPECT_EQ(networks.size(), texts.size());
  EXPECT_FALSE(networks.contains(0));
}

}  // namespace
}  // namespace headgate::proxy::auth
