#include "net/tls_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/unit/net/tls_authority.hpp"
#include "tests/unit/net/tls_pair.hpp"

namespace headgate::net::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class tls_stream_of_both : public ::testing::TestWithParam<tls_version> {
 public:
  tls_stream_of_both() {
    server_settings.certificates = {ca.make("server", {.common_name = "server", .alternative_names = "DNS:a.test"})};
    client_settings.ca = ca.file();
    client_settings.server_name = "a.test";
    client_settings.maximum = GetParam();
  }
  tls_pair& connect() {
    pair.emplace(tls_context::of_server(server_settings), tls_context::of_client(client_settings));
    return *pair;
  }
  tls_pair& established() {
    connect().shake_hands();
    EXPECT_TRUE(pair->both_established()) << pair->server.failure() << " / " << pair->client.failure();
    return *pair;
  }

  temporary_files files;
  authority ca{files};
  tls_server_settings server_settings;
  tls_client_settings client_settings;
  std::optional<tls_pair> pair;
};

std::string name_of(const ::testing::TestParamInfo<tls_version>& version) {
  return version.param == tls_version::v1_2 ? "tls_1_2" : "tls_1_3";
}

INSTANTIATE_TEST_SUITE_P(versions, tls_stream_of_both, ::testing::Values(tls_version::v1_2, tls_version::v1_3),
                         name_of);

TEST_P(tls_stream_of_both, shake_hands_and_talk) {
  auto& pair = established();
  EXPECT_EQ(pair.server.version(), GetParam() == tls_version::v1_3 ? "TLSv1.3" : "TLSv1.2");
  EXPECT_FALSE(pair.server.was_resumed());
  EXPECT_THAT(pair.server.failure(), IsEmpty());
  EXPECT_EQ(send_text(pair.client, "question").size, 8U);
  EXPECT_EQ(receive_text(pair.server), "question");
  EXPECT_FALSE(pair.server.has_more());
  const std::vector<base::bytes> parts{base::as_bytes("an"), base::as_bytes(""), base::as_bytes("swer")};
  EXPECT_EQ(pair.server.send(parts).size, 6U);
  EXPECT_EQ(receive_text(pair.client), "answer");
  std::vector<std::uint8_t> byte(1);
  EXPECT_EQ(pair.server.receive(byte).what, kind::would_block);
  EXPECT_EQ(pair.client.peer_common_name(), "server");
  EXPECT_EQ(pair.client.peer_alternative_name(), "a.test");
  EXPECT_THAT(pair.server.peer_common_name(), IsEmpty());
}

// Every byte by itself, in both directions, with records that end anywhere.
TEST_P(tls_stream_of_both, come_byte_by_byte) {
  const auto of_server = tls_context::of_server(server_settings);
  socket_pair left;   // the server's, and ours
  socket_pair right;  // ours, and the client's
  tls_stream server(of_server, left.ours.get());
  tls_stream client(tls_context::of_client(client_settings), right.theirs.get());
  const auto carry = [&] {
    const auto there = take_raw(right.ours.get(), 1);
    if (!there.empty()) put_raw(left.theirs.get(), there);
    const auto back = take_raw(left.theirs.get(), 1);
    if (!back.empty()) put_raw(right.ours.get(), back);
    return !there.empty() || !back.empty();
  };
  for (int steps = 0; steps < 20'000 && !(server.is_established() && client.is_established()); ++steps) {
    ASSERT_NE(client.shake_hands(), step::failed) << client.failure();
    ASSERT_NE(server.shake_hands(), step::failed) << server.failure();
    carry();
  }
  ASSERT_TRUE(server.is_established() && client.is_established());
  send_text(client, "hello");
  std::string heard;
  while (carry()) {
    heard += receive_text(server);
    EXPECT_FALSE(server.has_more()) << "half a record is nothing that can be read";
  }
  EXPECT_EQ(heard, "hello");
}

TEST_P(tls_stream_of_both, what_is_decrypted_already_is_told) {
  auto& pair = established();
  for (const auto* text : {"one", "two", "three"}) send_text(pair.client, text);
  EXPECT_EQ(receive_text(pair.server, 2), "on");
  EXPECT_TRUE(pair.server.has_more());
  EXPECT_THAT(take_raw(pair.sockets.ours.get()), IsEmpty()) << "a poll would say nothing";
  EXPECT_EQ(receive_text(pair.server), "etwothree");
  EXPECT_FALSE(pair.server.has_more());
}

TEST_P(tls_stream_of_both, what_comes_with_the_end_of_the_handshake_is_told) {
  auto& pair = connect();
  while (pair.client.shake_hands() != step::done) pair.server.shake_hands();
  send_text(pair.client, "early");
  while (pair.server.shake_hands() != step::done) ASSERT_THAT(pair.server.failure(), IsEmpty());
  EXPECT_TRUE(pair.server.has_more() || GetParam() == tls_version::v1_2);
  EXPECT_EQ(receive_text(pair.server), "early");
}

TEST_P(tls_stream_of_both, much_goes_both_ways_through_small_sockets) {
  auto& pair = established();
  pair.sockets.shrink();
  std::string text(1'000'000, '\0');
  for (std::size_t n = 0; n < text.size(); ++n) text[n] = static_cast<char>(n * 7 + n / 251);
  struct end {
    tls_stream& stream;
    std::size_t sent = 0;
    std::string heard{};
  };
  end ends[] = {{pair.server}, {pair.client}};
  std::size_t waits = 0;
  for (int rounds = 0; rounds < 1'000'000; ++rounds) {
    for (auto& end : ends) {
      if (end.sent < text.size()) {
        // In parts of many sizes, as a delivery has them.
        std::vector<base::bytes> parts;
        auto rest = base::as_bytes(text).subspan(end.sent);
        for (std::size_t size = 1; !rest.empty() && parts.size() < 20; size *= 3) {
          parts.push_back(rest.first(std::min(size, rest.size())));
          rest = rest.subspan(parts.back().size());
        }
        const auto outcome = end.stream.send(parts);
        ASSERT_NE(outcome.what, kind::closed) << end.stream.failure();
        waits += outcome.what == kind::would_block;
        end.sent += outcome.size;
      }
      end.heard += receive_text(end.stream, 5000);
    }
    if (ends[0].heard.size() == text.size() && ends[1].heard.size() == text.size()) break;
  }
  EXPECT_TRUE(ends[0].heard == text && ends[1].heard == text);
  EXPECT_GT(waits, 0U);
}

TEST_P(tls_stream_of_both, end_in_good_order_one_side_after_the_other) {
  auto& pair = established();
  send_text(pair.client, "last");
  pair.client.shut_down();
  EXPECT_EQ(receive_text(pair.server), "last");
  std::vector<std::uint8_t> byte(1);
  const auto end = pair.server.receive(byte);
  EXPECT_EQ(end.what, kind::closed);
  EXPECT_EQ(end.error, 0);
  EXPECT_EQ(send_text(pair.server, "bye").size, 3U) << "it ends one direction only";
  EXPECT_EQ(receive_text(pair.client), "bye");
  EXPECT_EQ(send_text(pair.client, "more").what, kind::closed);
}

TEST_P(tls_stream_of_both, a_connection_that_just_ends_has_ended) {
  auto& pair = established();
  receive_text(pair.client);  // with something unread it would be a reset
  pair.sockets.theirs.reset();
  std::vector<std::uint8_t> byte(1);
  const auto end = pair.server.receive(byte);
  EXPECT_EQ(end.what, kind::closed);
  EXPECT_EQ(end.error, 0);
  EXPECT_EQ(send_text(pair.server, "bye").what, kind::closed);
  pair.server.shut_down();
}

TEST_P(tls_stream_of_both, a_record_that_was_changed_ends_it) {
  auto& pair = established();
  send_text(pair.client, "a text");
  auto record = take_raw(pair.sockets.ours.get());
  record.back() = static_cast<char>(record.back() ^ 1);
  put_raw(pair.sockets.theirs.get(), record);
  std::vector<std::uint8_t> byte(1);
  const auto end = pair.server.receive(byte);
  EXPECT_EQ(end.what, kind::closed);
  EXPECT_EQ(end.error, EPROTO);
  EXPECT_THAT(pair.server.failure(), HasSubstr("changed on its way"));
  EXPECT_EQ(pair.server.receive(byte).what, kind::closed) << "and stays so";
  pair.server.shut_down();
}

TEST_P(tls_stream_of_both, what_ends_it_behind_good_bytes_is_told_when_they_were_taken) {
  auto& pair = established();
  send_text(pair.client, "good");
  send_text(pair.client, "bad");
  auto records = take_raw(pair.sockets.ours.get());
  records.back() = static_cast<char>(records.back() ^ 1);
  put_raw(pair.sockets.theirs.get(), records);
  EXPECT_EQ(receive_text(pair.server), "good");
  EXPECT_TRUE(pair.server.has_more());
  EXPECT_EQ(send_text(pair.server, "x").error, EPROTO);
  std::vector<std::uint8_t> byte(1);
  for (int n = 0; n < 2; ++n) {
    const auto end = pair.server.receive(byte);
    EXPECT_EQ(end.what, kind::closed);
    EXPECT_EQ(end.error, EPROTO);
  }
}

TEST_P(tls_stream_of_both, a_record_longer_than_allowed_ends_it) {
  auto& pair = established();
  put_raw(pair.sockets.theirs.get(), std::string("\x17\x03\x03\xff\xff", 5) + std::string(100, 'x'));
  std::vector<std::uint8_t> byte(1);
  EXPECT_EQ(pair.server.receive(byte).error, EPROTO);
  EXPECT_THAT(pair.server.failure(), HasSubstr("longer than TLS allows"));
}

}  // namespace
}  // namespace headgate::net::testing
