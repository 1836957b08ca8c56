// Records without data, one after the other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "base/limits.hpp"
#include "tests/unit/net/tls_authority.hpp"
#include "tests/unit/net/tls_pair.hpp"

namespace headgate::net::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class tls_flood : public ::testing::Test {
 public:
  tls_flood() {
    tls_server_settings settings;
    settings.certificates = {ca.make("server")};
    server.emplace(tls_context::of_server(settings), sockets.ours.get());
    client_context = SSL_CTX_new(TLS_client_method());
    client = SSL_new(client_context);
    SSL_set_fd(client, sockets.theirs.get());
  }
  ~tls_flood() override {
    SSL_free(client);
    SSL_CTX_free(client_context);
  }
  void connect(int version) {
    SSL_set_max_proto_version(client, version);
    for (int n = 0; n < 10 && !tls_pair::is_over(server->shake_hands()); ++n) SSL_connect(client);
    ASSERT_TRUE(server->is_established());
    ASSERT_EQ(SSL_connect(client), 1);
    // What it writes from now on goes on its way at once, rather than in records, of which a socket takes few.
    SSL_set0_wbio(client, BIO_new(BIO_s_mem()));
  }
  void update_keys(int times) {
    for (int n = 0; n < times; ++n) {
      ASSERT_EQ(SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      ASSERT_EQ(SSL_do_handshake(client), 1);
    }
  }
  void say(std::string_view text) {
    ASSERT_EQ(SSL_write(client, text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
  }

  void flush() {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(SSL_get_wbio(client), &bytes);
    put_raw(sockets.theirs.get(), {bytes, static_cast<std::size_t>(size)});
    BIO_reset(SSL_get_wbio(client));
  }

  temporary_files files;
  authority ca{files};
  socket_pair sockets;
  std::optional<tls_stream> server;
  SSL_CTX* client_context = nullptr;
  SSL* client = nullptr;
};

constexpr int most = base::tls_records_without_data;

TEST_F(tls_flood, some_key_updates_between_data_are_taken) {
  connect(TLS1_3_VERSION);
  std::vector<std::uint8_t> into(100);
  for (int n = 0; n < 5; ++n) {
    update_keys(most);
    flush();
    EXPECT_EQ(server->receive(into).what, kind::would_block);
    EXPECT_EQ(server->receive_cost(), most * base::tls_record_cost_bytes);
    EXPECT_FALSE(server->has_more());
    say("data");
    flush();
    EXPECT_EQ(receive_text(*server), "data");
  }
  EXPECT_THAT(server->failure(), IsEmpty());
}

TEST_F(tls_flood, many_key_updates_in_a_row_end_it) {
  connect(TLS1_3_VERSION);
  std::vector<std::uint8_t> into(100);
  update_keys(most + 1);
  say("data");
  flush();
  EXPECT_EQ(server->receive(into).what, kind::done) << "what came is handed over";
  EXPECT_TRUE(server->has_more());
  const auto end = server->receive(into);
  EXPECT_EQ(end.what, kind::closed);
  EXPECT_EQ(end.error, EPROTO);
  EXPECT_THAT(server->failure(), HasSubstr("records in a row without data"));
  EXPECT_EQ(send_text(*server, "x").error, EPROTO);
}

TEST_F(tls_flood, that_goes_on_ends_without_data) {
  connect(TLS1_3_VERSION);
  std::vector<std::uint8_t> into(100);
  update_keys(20 * most);
  flush();
  const auto end = server->receive(into);
  EXPECT_EQ(end.what, kind::closed);
  EXPECT_EQ(end.error, EPROTO);
  EXPECT_THAT(server->failure(), HasSubstr("records in a row without data"));
}

// As many as are allowed, with a little data between: all of it comes, in many steps.
TEST_F(tls_flood, a_step_goes_over_few_of_them) {
  connect(TLS1_3_VERSION);
  constexpr int rounds = 50;
  for (int n = 0; n < rounds; ++n) {
    update_keys(most);
    say("x");
  }
  flush();
  std::string heard;
  int steps = 0;
  do {
    heard += receive_text(*server);
    EXPECT_LE(server->receive_cost(), 2 * most * base::tls_record_cost_bytes);
    ++steps;
  } while (server->has_more() || heard.size() < rounds);
  EXPECT_EQ(heard, std::string(rounds, 'x'));
  EXPECT_GE(steps, rounds / 2);
  EXPECT_THAT(server->failure(), IsEmpty());
}

TEST_F(tls_flood, a_hello_after_the_handshake_is_counted_too) {
  connect(TLS1_2_VERSION);
  ASSERT_EQ(SSL_renegotiate(client), 1);
  SSL_do_handshake(client);
  flush();
  std::vector<std::uint8_t> into(100);
  EXPECT_EQ(server->receive(into).what, kind::would_block);
  EXPECT_EQ(server->receive_cost(), base::tls_record_cost_bytes);
}

// What is large and brings nothing is read in steps, too: the poll tells of the rest.
TEST_F(tls_flood, a_step_of_a_handshake_reads_so_much) {
  // A hello in records of a byte each.
  std::string bytes;
  for (std::size_t n = 0; n < 16'000; ++n) {
    const char head[] = {1, 0, 0x3e, 0x7c};
    bytes += std::string("\x16\x03\x01\x00\x01", 5) + (n < 4 ? head[n] : 'x');
  }
  put_raw(sockets.theirs.get(), bytes);
  EXPECT_EQ(server->shake_hands(), step::wants_read);
  EXPECT_THAT(take_raw(sockets.ours.get(), 10), ::testing::SizeIs(10)) << "there was more";
}

}  // namespace
}  // namespace headgate::net::testing
