#pragma once

#include <fcntl.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/net/tls_authority.hpp"
#include "tests/unit/proxy/listener/sockets.hpp"

namespace headgate::proxy::listener::testing {

// A client's end with TLS, non-blocking.
class tls_peer {
 public:
  tls_peer(std::uint16_t port, const std::shared_ptr<const net::tls_context>& context)
      : socket_(connect(port)), stream_(context, socket_.get()) {}

  net::tls_stream::step shake_hands() { return stream_.shake_hands(); }
  net::tls_stream& stream() { return stream_; }
  // The server is not needed for it.
  void send(std::string_view text) {
    const std::vector<base::bytes> parts{base::as_bytes(text)};
    EXPECT_EQ(stream_.send(parts).size, text.size());
  }
  // What is there.
  std::string take() {
    std::vector<std::uint8_t> into(200'000);
    const auto got = stream_.receive(into);
    ended |= got.what == net::io_outcome::kind::closed;
    return std::string(base::as_text({into.data(), got.size}));
  }
  int fd() const { return socket_.get(); }
  void close() { socket_.reset(); }

  bool ended = false;

 private:
  static net::descriptor connect(std::uint16_t port) {
    const net::descriptor any = net::listen_tcp("127.0.0.1", 0);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(any.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    auto* at = reinterpret_cast<std::uint8_t*>(&address) + 2;
    at[0] = static_cast<std::uint8_t>(port >> 8);
    at[1] = static_cast<std::uint8_t>(port & 0xff);
    // A connection to a listener on loopback stands at once, also when nobody has accepted it yet.
    net::descriptor made(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(made.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::fcntl(made.get(), F_SETFL, O_NONBLOCK), 0);
    return made;
  }

  net::descriptor socket_;
  net::tls_stream stream_;
};

// A server with a second listener, which speaks TLS.
struct tls_server : server {
  explicit tls_server(std::uint32_t places_count = 1000) : server(places_count) {
    server_settings.certificates = {ca.make("server", {.common_name = "server", .alternative_names = "DNS:a.test"})};
    client_settings.ca = ca.file();
    client_settings.server_name = "a.test";
  }
  // Once the settings are as they are to be.
  void open(int send_buffer_bytes = 0) {
    auto listener = net::listen_tcp("127.0.0.1", 0);
    if (send_buffer_bytes > 0) {  // of those whom it accepts
      EXPECT_EQ(::setsockopt(listener.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof send_buffer_bytes), 0);
    }
    tls_port = net::local_port(listener.get());
    sockets.listen(std::move(listener), {.name = "tls",
                                         .anonymous_allowed = true,
                                         .user = certificate_user::common_name,
                                         .tls = net::tls_context::of_server(server_settings)});
    of_client = net::tls_context::of_client(client_settings);
  }
  std::unique_ptr<tls_peer> connect_tcp() {
    const auto before = taker.accepts.size();
    auto client = std::make_unique<tls_peer>(tls_port, of_client);
    until([&] { return taker.accepts.size() > before; });
    return client;
  }
  void shake_hands(tls_peer& client) {
    until_quick([&] {
      const auto done = client.shake_hands();
      turn(0);
      return done == net::tls_stream::step::done || done == net::tls_stream::step::failed;
    });
  }
  // A client whose handshake is done on both sides, and its number.
  std::pair<std::unique_ptr<tls_peer>, std::uint32_t> connect_tls() {
    auto client = connect_tcp();
    const auto number = taker.accepts.back();
    shake_hands(*client);
    until_quick([&] { return !sockets.entrance_of(number).handshaking; });
    return {std::move(client), number};
  }
  void until_quick(const std::function<bool()>& condition) {
    for (int turns = 0; !condition(); ++turns) {
      ASSERT_LT(turns, 100'000) << "it does not happen";
      turn(1);
    }
  }

  net::testing::temporary_files files;
  net::testing::authority ca{files};
  net::tls_server_settings server_settings;
  net::tls_client_settings client_settings;
  std::shared_ptr<const net::tls_context> of_client;
  std::uint16_t tls_port = 0;
};

}  // namespace headgate::proxy::listener::testing
