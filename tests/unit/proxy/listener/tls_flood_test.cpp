#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include "base/limits.hpp"
#include "tests/unit/proxy/listener/tls_sockets.hpp"

// Clients that keep TLS busy with what brings no data.
namespace headgate::proxy::listener::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A client of OpenSSL's own, which may change its keys whenever it likes.
class restless_client {
 public:
  explicit restless_client(tls_server& server) : socket_(server.connect_tcp()), number_(server.taker.accepts.back()) {
    SSL_set_fd(connection_, socket_->fd());
    server.until_quick([&] { return SSL_connect(connection_) == 1; });
    server.until_quick([&] { return !server.sockets.entrance_of(number_).handshaking; });
    SSL_set0_wbio(connection_, BIO_new(BIO_s_mem()));
  }
  ~restless_client() {
    SSL_free(connection_);
    SSL_CTX_free(context_);
  }
  restless_client(const restless_client&) = delete;
  restless_client& operator=(const restless_client&) = delete;

  void update_keys(std::uint32_t times) {
    for (std::uint32_t n = 0; n < times; ++n) {
      ASSERT_EQ(SSL_key_update(connection_, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      ASSERT_EQ(SSL_do_handshake(connection_), 1);
    }
  }
  void say(const std::string& text) {
    ASSERT_EQ(SSL_write(connection_, text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
  }
  // As much of it as the socket takes.
  void push() {
    char* bytes = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(connection_), &bytes));
    const auto sent = ::send(socket_->fd(), bytes + pushed_, size - pushed_, MSG_NOSIGNAL);
    if (sent > 0) pushed_ += static_cast<std::size_t>(sent);
  }
  std::uint32_t number() const { return number_; }

 private:
  std::unique_ptr<tls_peer> socket_;  // whose own TLS is not used
  std::uint32_t number_;
  SSL_CTX* context_ = SSL_CTX_new(TLS_client_method());
  SSL* connection_ = SSL_new(context_);
  std::size_t pushed_ = 0;
};

TEST(tls_flood, others_have_their_turn_beside_as_many_key_updates_as_are_allowed) {
  tls_server server;
  server.open();
  auto [other, other_number] = server.connect_tls();
  const int at_once = 1;  // not when the last one was acknowledged
  ASSERT_EQ(::setsockopt(other->fd(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once), 0);
  restless_client restless(server);
  constexpr std::size_t rounds = 200;
  for (std::size_t n = 0; n < rounds; ++n) {
    restless.update_keys(base::tls_records_without_data);
    restless.say(packet("x"));
  }
  auto& theirs = server.taker.clients[restless.number()].packets;
  auto& others = server.taker.clients[other_number].packets;
  std::size_t turns = 0;
  for (; theirs.size() < rounds; ++turns) {
    ASSERT_LT(turns, 10'000U);
    restless.push();
    other->send(packet("y"));
    const auto before = theirs.size();
    server.turn(1000);
    EXPECT_LE(theirs.size() - before, 3U);
    EXPECT_GE(others.size() + 3, turns) << "loopback may take a moment";
  }
  EXPECT_GE(turns, rounds / 3);
  EXPECT_THAT(server.log.lines, IsEmpty());
}

TEST(tls_flood, without_data_it_ends_with_a_line) {
  tls_server server;
  server.open();
  auto [other, other_number] = server.connect_tls();
  restless_client restless(server);
  restless.update_keys(base::tls_records_without_data + 1);
  restless.say(packet("x"));
  restless.push();
  server.until([&] { return server.taker.clients[restless.number()].closed; });
  EXPECT_THAT(server.log.lines, ElementsAre(HasSubstr("records in a row without data")));
  other->send(packet("y"));
  server.until([&, number = other_number] { return !server.taker.clients[number].packets.empty(); });
}

// The turn's bound holds for what brings nothing as well: of many such clients not all have the same turn.
TEST(tls_flood, counts_in_the_bound_of_a_turn) {
  tls_server server;
  server.open();
  std::vector<std::unique_ptr<restless_client>> clients;
  constexpr auto cost = base::tls_records_without_data * base::tls_record_cost_bytes;
  constexpr auto in_a_turn = base::read_bytes_per_turn / cost;
  for (std::size_t n = 0; n < 2 * in_a_turn; ++n) {
    clients.push_back(std::make_unique<restless_client>(server));
    clients.back()->update_keys(base::tls_records_without_data);
    clients.back()->say(packet("x"));
  }
  for (const auto& client : clients) client->push();
  const auto served = [&] {
    std::size_t count = 0;
    for (const auto& client : clients) count += server.taker.clients[client->number()].packets.size();
    return count;
  };
  server.turn(1000);
  EXPECT_LE(served(), in_a_turn);
  server.until([&] { return served() == clients.size(); });
}

}  // namespace
}  // namespace headgate::proxy::listener::testing
