#include "net/tls_hello_watch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/limits.hpp"

namespace headgate::net {
namespace {

std::string number(std::size_t value, int bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(value >> 8 * bytes & 0xff);
  return text;
}

std::string record(char kind, std::string_view content) {
  return kind + std::string("\x03\x01") + number(content.size(), 2) + std::string(content);
}

// Its head, and so much of it.
std::string message(char kind, std::size_t length, std::size_t there) {
  return kind + number(length, 3) + std::string(there, 'x');
}

constexpr char change_cipher = 20;
constexpr char handshake = 22;
constexpr char data = 23;

// Whether all of it is taken, a byte at a time and at once.
bool takes(std::string_view bytes) {
  tls_hello_watch at_once;
  tls_hello_watch slowly;
  const bool taken = at_once.take(base::as_bytes(bytes));
  for (const char& byte : bytes) {
    if (slowly.take(base::as_bytes({&byte, 1}))) continue;
    EXPECT_FALSE(taken);
    EXPECT_EQ(&byte, &bytes.back()) << "it is refused at the last byte of the length";
    return false;
  }
  EXPECT_TRUE(taken);
  return true;
}

TEST(tls_hello_watch, a_hello_may_be_so_long) {
  EXPECT_TRUE(takes(record(handshake, message(1, 500, 500))));
  EXPECT_TRUE(takes(record(handshake, message(1, base::tls_hello_bytes, 100))));
  EXPECT_FALSE(takes(record(handshake, message(1, base::tls_hello_bytes + 1, 0))));
  EXPECT_FALSE(takes(record(handshake, message(1, 131'000, 0))));
}

TEST(tls_hello_watch, its_head_may_come_in_several_records) {
  EXPECT_FALSE(takes(record(handshake, "\x01") + record(handshake, "") + record(handshake, number(131'000, 3))));
  EXPECT_TRUE(takes(record(handshake, "\x01") + record(handshake, number(200, 3)) + record(handshake, "xxx")));
}

TEST(tls_hello_watch, a_second_one_is_looked_at_as_well) {
  const auto first = record(handshake, message(1, 300, 300));
  EXPECT_FALSE(takes(first + record(handshake, message(1, 131'000, 0))));
  EXPECT_FALSE(takes(first + record(change_cipher, "\x01") + record(handshake, message(1, 131'000, 0))));
  const auto cut = message(1, 300, 300);
  EXPECT_FALSE(
      takes(record(handshake, cut.substr(0, 100)) + record(handshake, cut.substr(100) + message(1, 131'000, 0))));
}

TEST(tls_hello_watch, nothing_else_is_its_matter) {
  EXPECT_TRUE(takes(record(handshake, message(11, 131'000, 0))));
  EXPECT_TRUE(takes(record(data, message(1, 131'000, 0))));
  EXPECT_TRUE(takes(std::string(1000, '\xff')));
  EXPECT_TRUE(takes(record(handshake, message(1, 300, 300)) + record(data, std::string(5000, '\x01'))));
}

TEST(tls_hello_watch, ends_with_the_answer_unless_that_asks_for_another_one) {
  const auto first = record(handshake, message(1, 300, 300));
  const auto long_one = record(handshake, message(1, 131'000, 0));
  std::string answer = message(2, 100, 100);
  std::string asks_again = message(2, 100, 2) + "\xcf\x21\xad\x74\xe5\x9a\x61\x11" + std::string(90, 'x');
  tls_hello_watch answered;
  EXPECT_TRUE(answered.take(base::as_bytes(first)));
  answered.answered(base::as_bytes(answer));
  EXPECT_TRUE(answered.take(base::as_bytes(long_one))) << "what looks like one is encrypted";
  tls_hello_watch asked;
  EXPECT_TRUE(asked.take(base::as_bytes(first)));
  asked.answered(base::as_bytes(asks_again));
  EXPECT_FALSE(asked.take(base::as_bytes(long_one)));
  tls_hello_watch stopped;
  stopped.stop();
  EXPECT_TRUE(stopped.take(base::as_bytes(long_one)));
}

}  // namespace
}  // namespace headgate::net
