// What fails in handshakes, and in which words.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <functional>

#include "tests/unit/net/tls_authority.hpp"
#include "tests/unit/net/tls_pair.hpp"

namespace headgate::net::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class tls_refusals : public ::testing::Test {
 public:
  tls_refusals() {
    server_settings.certificates = {ca.make("server", {.common_name = "server", .alternative_names = "DNS:a.test"})};
    client_settings.ca = ca.file();
    client_settings.server_name = "a.test";
  }
  // Both sides' words.
  struct words {
    std::string server;
    std::string client;
  };
  words handshake() {
    tls_pair pair(tls_context::of_server(server_settings), tls_context::of_client(client_settings));
    pair.shake_hands();
    // In TLS 1.3 a client is done before the server has seen its certificate.
    if (pair.client.is_established()) receive_text(pair.client);
    return {pair.server.failure(), pair.client.failure()};
  }
  // The server's words to a client that sends just this.
  std::string answer_to(std::string_view bytes, bool closes = false) {
    socket_pair sockets;
    tls_stream server(tls_context::of_server(server_settings), sockets.ours.get());
    put_raw(sockets.theirs.get(), bytes);
    if (closes) ::shutdown(sockets.theirs.get(), SHUT_WR);
    EXPECT_EQ(server.shake_hands(), step::failed);
    EXPECT_EQ(server.shake_hands(), step::failed);
    EXPECT_FALSE(server.is_established());
    EXPECT_FALSE(server.has_more());
    server.shut_down();
    return server.failure();
  }
  // The same to a client of OpenSSL's own, with what our settings do not offer.
  std::string answer_to(const std::function<void(SSL*)>& prepare) {
    socket_pair sockets;
    tls_stream server(tls_context::of_server(server_settings), sockets.ours.get());
    auto* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    auto* client = SSL_new(context);
    SSL_set_fd(client, sockets.theirs.get());
    prepare(client);
    for (int n = 0; n < 10 && !tls_pair::is_over(server.shake_hands()); ++n) SSL_connect(client);
    SSL_free(client);
    SSL_CTX_free(context);
    return server.failure();
  }

  temporary_files files;
  authority ca{files};
  tls_server_settings server_settings;
  tls_client_settings client_settings;
};

TEST_F(tls_refusals, a_client_that_does_not_trust_us) {
  const authority another(files, "another");
  client_settings.ca = another.file();
  const auto [server, client] = handshake();
  EXPECT_THAT(server, HasSubstr("the client does not trust our certificate (alert unknown ca)"));
  EXPECT_THAT(client, HasSubstr("the server's certificate is not trusted"));
}

TEST_F(tls_refusals, a_client_that_wants_another_name) {
  client_settings.server_name = "other.test";
  const auto [server, client] = handshake();
  EXPECT_THAT(server, HasSubstr("the client does not trust our certificate (alert bad certificate)"));
  EXPECT_THAT(client, HasSubstr("is for another name"));
}

TEST_F(tls_refusals, a_client_that_speaks_another_protocol_within_tls) {
  const auto asks_for = [&](std::string_view protocols) {
    return answer_to([&](SSL* client) {
      SSL_set_alpn_protos(client, base::as_bytes(protocols).data(), static_cast<unsigned>(protocols.size()));
    });
  };
  EXPECT_THAT(asks_for("\x08http/1.1\x02h2"), HasSubstr("(ALPN)"));
  EXPECT_THAT(asks_for("\x08http/1.1\x04mqtt"), IsEmpty());
  client_settings.alpn = false;
  EXPECT_THAT(handshake().server, IsEmpty());
}

TEST_F(tls_refusals, a_client_with_an_old_version) {
  const auto speaks = [&](int version) {
    return answer_to([&](SSL* client) {
      SSL_set_min_proto_version(client, version);
      SSL_set_max_proto_version(client, version);
    });
  };
  EXPECT_THAT(speaks(TLS1_1_VERSION),
              HasSubstr("the client speaks TLS 1.1 at most, and this listener TLS 1.2 or newer"));
  EXPECT_THAT(speaks(TLS1_VERSION), HasSubstr("TLS 1.0 at most"));
  EXPECT_THAT(speaks(TLS1_2_VERSION), IsEmpty());
  server_settings.minimum = tls_version::v1_3;
  EXPECT_THAT(speaks(TLS1_2_VERSION), HasSubstr("TLS 1.2 at most, and this listener TLS 1.3"));
  EXPECT_THAT(speaks(TLS1_3_VERSION), IsEmpty());
}

TEST_F(tls_refusals, a_client_with_weak_ciphers_only) {
  const auto offers = [&](const char* ciphers) {
    return answer_to([&](SSL* client) {
      SSL_set_max_proto_version(client, TLS1_2_VERSION);
      ASSERT_EQ(SSL_set_cipher_list(client, ciphers), 1);
    });
  };
  EXPECT_THAT(offers("AES128-SHA"), HasSubstr("no cipher is common"));
  EXPECT_THAT(offers("ECDHE-ECDSA-AES128-SHA"), HasSubstr("no cipher is common"));
  EXPECT_THAT(offers("ECDHE-RSA-AES128-GCM-SHA256"), HasSubstr("kind of key"));  // our key is another
  EXPECT_THAT(offers("ECDHE-ECDSA-AES128-GCM-SHA256"), IsEmpty());
  server_settings.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
  EXPECT_THAT(offers("ECDHE-ECDSA-AES128-GCM-SHA256"), HasSubstr("no cipher is common"));
}

// Level 2 takes no signatures with SHA-1, whatever the list of ciphers says of levels.
TEST_F(tls_refusals, a_list_of_ciphers_does_not_lower_the_security_level) {
  server_settings.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0";
  const auto verifies = [&](const char* signatures) {
    return answer_to([&](SSL* client) {
      SSL_set_max_proto_version(client, TLS1_2_VERSION);
      ASSERT_EQ(SSL_set1_sigalgs_list(client, signatures), 1);
    });
  };
  EXPECT_THAT(verifies("ECDSA+SHA1"), ::testing::Not(IsEmpty()));
  EXPECT_THAT(verifies("ECDSA+SHA256"), IsEmpty());
}

TEST_F(tls_refusals, who_does_not_speak_tls) {
  EXPECT_THAT(answer_to(std::string("\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test", 18)),
              HasSubstr("it speaks MQTT without TLS"));
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("it speaks HTTP"));
  EXPECT_THAT(answer_to("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), HasSubstr("PROXY protocol"));
  EXPECT_THAT(answer_to("SSH-2.0-x\r\n"), HasSubstr("is not TLS"));
  EXPECT_THAT(answer_to(std::string(1000, '\xff')), HasSubstr("is not TLS"));
}

TEST_F(tls_refusals, records_that_are_wrong) {
  EXPECT_THAT(answer_to(std::string("\x16\x03\x01\xff\xff", 5) + std::string(100, 'x')), HasSubstr("longer than TLS"));
  EXPECT_THAT(answer_to(std::string("\x16\x03\x01\x00\x04\x01\xff\xff\xff", 9)),
              HasSubstr("ClientHello is to be longer"));
  EXPECT_THAT(answer_to(std::string("\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9)), HasSubstr("not TLS as the standard"));
}

TEST_F(tls_refusals, who_ends_in_the_middle) {
  EXPECT_THAT(answer_to("", true), HasSubstr("closed the connection before the handshake began"));
  EXPECT_THAT(answer_to(std::string("\x16\x03\x01\x00\xc8\x01", 6), true), HasSubstr("in the middle of the handshake"));
}

TEST_F(tls_refusals, renegotiation_is_not_taken_and_the_connection_goes_on) {
  socket_pair sockets;
  tls_stream server(tls_context::of_server(server_settings), sockets.ours.get());
  auto* context = SSL_CTX_new(TLS_client_method());
  auto* client = SSL_new(context);
  SSL_set_fd(client, sockets.theirs.get());
  SSL_set_max_proto_version(client, TLS1_2_VERSION);
  for (int n = 0; n < 10 && !tls_pair::is_over(server.shake_hands()); ++n) SSL_connect(client);
  ASSERT_EQ(SSL_connect(client), 1);
  ASSERT_EQ(SSL_renegotiate(client), 1);
  SSL_do_handshake(client);
  EXPECT_THAT(receive_text(server), IsEmpty());
  EXPECT_THAT(server.failure(), IsEmpty());
  EXPECT_EQ(send_text(server, "still here").what, kind::done);
  std::string text(100, '\0');
  EXPECT_LE(SSL_read(client, text.data(), static_cast<int>(text.size())), 0);
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
  ERR_clear_error();
  SSL_free(client);
  SSL_CTX_free(context);
}

class tls_clients_certificates : public tls_refusals, public ::testing::WithParamInterface<tls_version> {
 public:
  tls_clients_certificates() {
    server_settings.ask = client_certificates::required;
    server_settings.client_ca = ca.file();
    client_settings.maximum = GetParam();
  }
  std::string answer_to_one(const certificate_wish& wish) {
    client_settings.certificate = ca.make("client", wish);
    return handshake().server;
  }
};

INSTANTIATE_TEST_SUITE_P(versions, tls_clients_certificates, ::testing::Values(tls_version::v1_2, tls_version::v1_3));

TEST_P(tls_clients_certificates, give_a_name) {
  client_settings.certificate =
      ca.make("client", {.common_name = "thermometer", .alternative_names = "URI:urn:device:7,email:seven@a.test"});
  tls_pair pair(tls_context::of_server(server_settings), tls_context::of_client(client_settings));
  pair.shake_hands();
  ASSERT_TRUE(pair.both_established()) << pair.server.failure();
  EXPECT_EQ(pair.server.peer_common_name(), "thermometer");
  EXPECT_EQ(pair.server.peer_alternative_name(), "seven@a.test");
}

TEST_P(tls_clients_certificates, are_missed_or_not) {
  const auto [server, client] = handshake();
  EXPECT_THAT(server, HasSubstr("the client has shown no certificate"));
  EXPECT_THAT(client, HasSubstr("the server"));
  server_settings.ask = client_certificates::optional;
  EXPECT_THAT(handshake().server, IsEmpty());
}

TEST_P(tls_clients_certificates, of_somebody_else_are_refused_also_where_none_is_needed) {
  authority another(files, "another");
  client_settings.certificate = another.make("client");
  EXPECT_THAT(handshake().server, HasSubstr("not signed by an authority in the listener's client_ca"));
  server_settings.ask = client_certificates::optional;
  EXPECT_THAT(handshake().server, HasSubstr("not signed by an authority in the listener's client_ca"));
}

TEST_P(tls_clients_certificates, out_of_date_are_refused) {
  auto client = tls_context::of_client(client_settings);
  // Ours refuses to load it, so another client shows it.
  const auto shown = ca.make("client", {.from_days = -10, .to_days = -1});
  EXPECT_THAT(answer_to([&](SSL* connection) {
                SSL_use_certificate_file(connection, shown.chain.c_str(), SSL_FILETYPE_PEM);
                SSL_use_PrivateKey_file(connection, shown.key.c_str(), SSL_FILETYPE_PEM);
              }),
              HasSubstr("has expired"));
  EXPECT_THAT(answer_to_one({.from_days = 2}), HasSubstr("not valid yet"));
}

TEST_P(tls_clients_certificates, that_are_revoked_are_refused) {
  EXPECT_THAT(answer_to_one({}), IsEmpty());
  ca.revoke();
  server_settings.crl = files.write("revoked.pem", ca.revoked_pem());
  EXPECT_THAT(handshake().server, HasSubstr("is revoked"));
  EXPECT_THAT(answer_to_one({}), IsEmpty()) << "another one of the same authority";
}

TEST_P(tls_clients_certificates, need_a_list_of_their_own_authority_that_is_in_force) {
  authority below(files, "below", &ca);
  client_settings.certificate = below.make("client");
  server_settings.crl = files.write("revoked.pem", ca.revoked_pem());
  EXPECT_THAT(handshake().server, HasSubstr("no list of revoked certificates"));
  server_settings.crl = files.write("revoked.pem", below.revoked_pem());
  EXPECT_THAT(handshake().server, IsEmpty()) << "the authority above needs none";
  server_settings.crl = files.write("revoked.pem", below.revoked_pem(-1));
  EXPECT_THAT(tls_context::of_server(server_settings)->warnings(),
              ::testing::ElementsAre(HasSubstr("was to be renewed by")));
  EXPECT_THAT(handshake().server, HasSubstr("out of date"));
}

TEST_P(tls_clients_certificates, of_a_revoked_authority_are_refused) {
  authority below(files, "below", &ca);
  ca.revoke();
  client_settings.certificate = below.make("client");
  server_settings.crl = files.write("revoked.pem", ca.revoked_pem() + below.revoked_pem());
  EXPECT_THAT(handshake().server, HasSubstr("is revoked"));
}

}  // namespace
}  // namespace headgate::net::testing
