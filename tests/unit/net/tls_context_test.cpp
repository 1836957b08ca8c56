#include "net/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <ctime>
#include <iterator>
#include <optional>
#include <utility>

#include "tests/unit/net/tls_authority.hpp"
#include "tests/unit/net/tls_pair.hpp"

namespace headgate::net::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What of_server() says to such files.
std::string refusal(const tls_server_settings& settings) {
  try {
    (void)tls_context::of_server(settings);
  } catch (const tls_error& error) {
    return error.what();
  }
  return {};
}

std::string refusal(const tls_certificate& files) {
  tls_server_settings settings;
  settings.certificates = {files};
  return refusal(settings);
}

TEST(tls_context, files_that_will_not_do_are_named) {
  const temporary_files files;
  authority ca(files);
  const auto good = ca.make("good");
  const auto other = ca.make("other");
  const auto empty = files.write("empty", "");
  const auto damaged = files.write("damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(refusal(good), IsEmpty());
  EXPECT_THAT(refusal(tls_server_settings{}), HasSubstr("needs a certificate"));
  EXPECT_THAT(refusal({files.path("none"), good.key}),
              AllOf(HasSubstr(files.path("none")), HasSubstr("No such file or directory")));
  EXPECT_THAT(refusal({good.chain, files.path("none")}), HasSubstr("cannot read key"));
  EXPECT_THAT(refusal({empty, good.key}), HasSubstr("empty holds no certificate"));
  EXPECT_THAT(refusal({good.chain, empty}), HasSubstr("empty holds no private key"));
  EXPECT_THAT(refusal({damaged, good.key}), HasSubstr("damaged in its certificate no. 1"));
  EXPECT_THAT(refusal({good.chain, other.key}), HasSubstr("other.key does not belong to certificate"));
  EXPECT_THAT(refusal({good.chain, files.path("good.locked")}), HasSubstr("locked with a passphrase"));
  EXPECT_THAT(refusal({good.key, good.key}), HasSubstr("holds no certificate"));
}

TEST(tls_context, a_chain_in_the_wrong_order_is_told_apart) {
  const temporary_files files;
  authority root(files);
  authority below(files, "below", &root);
  const auto made = below.make("server");
  std::ifstream in(made.chain);
  const std::string both{std::istreambuf_iterator<char>(in), {}};
  const auto second = both.find("-----BEGIN", 10);
  const auto swapped = files.write("swapped", both.substr(second) + both.substr(0, second));
  EXPECT_THAT(refusal({swapped, made.key}), HasSubstr("in the wrong order"));
}

TEST(tls_context, what_clients_are_asked_for_needs_its_files) {
  const temporary_files files;
  authority ca(files);
  tls_server_settings settings;
  settings.certificates = {ca.make("server")};
  settings.ask = client_certificates::required;
  EXPECT_THAT(refusal(settings), HasSubstr("no authority"));
  settings.client_ca = files.write("empty", "");
  EXPECT_THAT(refusal(settings), HasSubstr("holds no certificate"));
  settings.client_ca = ca.file();
  settings.crl = ca.file();
  EXPECT_THAT(refusal(settings), HasSubstr("holds none"));
  settings.crl = files.write("revoked", ca.revoked_pem());
  EXPECT_THAT(refusal(settings), IsEmpty());
  settings.ciphers = "ECDHE-NOTHING";
  EXPECT_THAT(refusal(settings), HasSubstr("none of the ciphers 'ECDHE-NOTHING' exists"));
}

TEST(tls_context, a_certificate_whose_time_has_not_come_is_taken_and_told) {
  const temporary_files files;
  authority ca(files);
  tls_server_settings settings;
  settings.certificates = {ca.make("server", {.from_days = 2})};
  EXPECT_THAT(tls_context::of_server(settings)->warnings(), ElementsAre(HasSubstr("is not valid before")));
}

TEST(tls_context, a_certificate_that_has_expired_is_taken_and_told) {
  const temporary_files files;
  authority ca(files);
  tls_server_settings settings;
  settings.certificates = {ca.make("old", {.from_days = -9, .to_days = -1})};
  EXPECT_THAT(tls_context::of_server(settings)->warnings(), ElementsAre(HasSubstr("old.pem has expired (")));
}

TEST(tls_context, what_ends_soon_is_told_with_its_place_in_the_file) {
  const temporary_files files;
  authority ca(files);
  tls_server_settings settings;
  settings.certificates = {ca.make("later", {.from_days = -70, .to_days = 15}),
                           ca.make("soon", {.from_days = -70, .to_days = 13})};
  std::ifstream in(settings.certificates.back().chain);
  const std::string soon{std::istreambuf_iterator<char>(in), {}};
  settings.ask = client_certificates::required;
  settings.client_ca = files.write("authorities", ca.certificate_pem() + soon);
  EXPECT_THAT(tls_context::of_server(settings)->warnings(),
              ElementsAre(AllOf(HasSubstr("soon.pem ends on "), HasSubstr(" in 1")),
                          AllOf(HasSubstr("authorities: no. 2, device, ends on "))));
}

TEST(tls_context, says_when_its_certificates_and_lists_end) {
  const temporary_files files;
  authority root(files);
  authority below(files, "below", &root);
  const auto in_days = [](std::int64_t days) { return std::time(nullptr) + days * 86'400; };
  tls_server_settings settings;
  settings.certificates = {below.make("late", {.to_days = 300}), below.make("early", {.to_days = 20})};
  const auto plain = tls_context::of_server(settings);
  EXPECT_NEAR(static_cast<double>(plain->expires_s().value()), static_cast<double>(in_days(20)), 60);
  EXPECT_FALSE(plain->crl_expires_s());
  settings.certificates.pop_back();
  settings.ask = client_certificates::required;
  settings.client_ca = root.file();
  settings.crl = files.write("revoked", root.revoked_pem(9) + below.revoked_pem(7));
  const auto with_list = tls_context::of_server(settings);
  EXPECT_NEAR(static_cast<double>(with_list->expires_s().value()), static_cast<double>(in_days(30)), 60)
      << "the authority between ends first";
  EXPECT_NEAR(static_cast<double>(with_list->crl_expires_s().value()), static_cast<double>(in_days(7)), 60);
  EXPECT_FALSE(tls_context::of_client({})->expires_s());
}

TEST(tls_context, ciphers_that_are_worthless_are_refused_and_weak_ones_told) {
  const temporary_files files;
  authority ca(files);
  tls_server_settings settings;
  settings.certificates = {ca.make("server")};
  for (const auto* list : {"ALL", "HIGH", "AECDH-AES128-SHA", "ECDHE-ECDSA-AES128-GCM-SHA256:ADH-AES128-SHA"}) {
    settings.ciphers = list;
    EXPECT_THAT(refusal(settings), HasSubstr("which authenticates nobody: leave it out")) << list;
  }
  settings.ciphers = "ECDHE-ECDSA-NULL-SHA";
  EXPECT_THAT(refusal(settings), HasSubstr("encrypts nothing"));
  settings.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:AES128-GCM-SHA256:AES256-SHA";
  EXPECT_THAT(tls_context::of_server(settings)->warnings(),
              ElementsAre(HasSubstr("not forward secret (AES128-GCM-SHA256, AES256-SHA)")));
  settings.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  EXPECT_THAT(tls_context::of_server(settings)->warnings(), IsEmpty());
}

class tls_names : public ::testing::Test {
 public:
  // The common name of what a client is shown that asks for this name, and verifies signatures of this kind.
  std::string shown(const std::string& name, const char* signatures = nullptr) {
    if (!context) context = tls_context::of_server(settings);
    socket_pair sockets;
    tls_stream server(context, sockets.ours.get());
    auto* client_context = SSL_CTX_new(TLS_client_method());
    auto* client = SSL_new(client_context);
    SSL_set_fd(client, sockets.theirs.get());
    if (!name.empty()) SSL_set_tlsext_host_name(client, name.c_str());
    if (signatures != nullptr) SSL_set1_sigalgs_list(client, signatures);
    SSL_connect(client);
    for (int n = 0; n < 10 && !tls_pair::is_over(server.shake_hands()); ++n) SSL_connect(client);
    std::string common_name(100, '\0');
    const auto* certificate = SSL_get0_peer_certificate(client);
    const int size = certificate == nullptr
                         ? 0
                         : X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                                     common_name.data(), static_cast<int>(common_name.size()));
    common_name.resize(static_cast<std::size_t>(size));
    SSL_free(client);
    SSL_CTX_free(client_context);
    return common_name;
  }

  temporary_files files;
  authority ca{files};
  tls_server_settings settings;
  std::shared_ptr<const tls_context> context;
};

TEST_F(tls_names, choose_the_first_certificate_that_includes_them) {
  settings.certificates = {
      ca.make("1", {.common_name = "one", .alternative_names = "DNS:one.test,DNS:*.many.test"}),
      ca.make("2", {.common_name = "two", .alternative_names = "DNS:two.test,DNS:x.many.test,DNS:one.test"}),
      ca.make("3", {.common_name = "three.test"}),
      ca.make("4", {.common_name = "four.test", .alternative_names = "DNS:other.test"}),
  };
  EXPECT_EQ(shown("one.test"), "one");
  EXPECT_EQ(shown("TWO.test"), "two");
  EXPECT_EQ(shown("x.many.test"), "one");
  EXPECT_EQ(shown("three.test"), "three.test");
  EXPECT_EQ(shown("other.test"), "four.test");
  EXPECT_EQ(shown("four.test"), "one") << "a common name beside other names is none";
  EXPECT_EQ(shown("a.x.many.test"), "one") << "the default";
  EXPECT_EQ(shown("unknown.test"), "one");
  EXPECT_EQ(shown(""), "one");
}

TEST_F(tls_names, show_the_certificate_that_the_client_can_verify) {
  settings.certificates = {
      ca.make("1", {.common_name = "ecdsa", .alternative_names = "DNS:a.test"}),
      ca.make("2", {.common_name = "rsa", .alternative_names = "DNS:b.test,DNS:a.test", .rsa = true}),
  };
  constexpr auto ecdsa = "ECDSA+SHA256";
  constexpr auto rsa = "rsa_pss_rsae_sha256:RSA+SHA256:ECDSA+SHA384";
  EXPECT_EQ(shown("a.test", ecdsa), "ecdsa");
  EXPECT_EQ(shown("a.test", rsa), "rsa");
  EXPECT_EQ(shown("", rsa), "rsa");
  EXPECT_EQ(shown("b.test", rsa), "rsa");
}

class tls_resumption : public ::testing::TestWithParam<int> {
 public:
  tls_resumption() {
    settings.certificates = {ca.make("server")};
    client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(client_context, GetParam());
    SSL_CTX_set_session_cache_mode(client_context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(client_context, [](SSL* connection, SSL_SESSION* session) {
      auto* test = static_cast<tls_resumption*>(SSL_get_app_data(connection));
      ++test->tickets;
      SSL_SESSION_free(std::exchange(test->session, session));
      return 1;
    });
  }
  ~tls_resumption() override {
    SSL_SESSION_free(session);
    SSL_CTX_free(client_context);
  }
  // Whether the connection was made with the last session, if there is one.
  bool resumes(const std::shared_ptr<const tls_context>& context) {
    socket_pair sockets;
    tls_stream server(context, sockets.ours.get());
    auto* client = SSL_new(client_context);
    SSL_set_app_data(client, this);
    SSL_set_fd(client, sockets.theirs.get());
    if (with_certificate) {
      SSL_use_certificate_file(client, with_certificate->chain.c_str(), SSL_FILETYPE_PEM);
      SSL_use_PrivateKey_file(client, with_certificate->key.c_str(), SSL_FILETYPE_PEM);
    }
    if (session != nullptr) SSL_set_session(client, session);
    SSL_connect(client);
    for (int n = 0; n < 10 && !tls_pair::is_over(server.shake_hands()); ++n) SSL_connect(client);
    EXPECT_TRUE(server.is_established()) << server.failure();
    SSL_connect(client);
    char byte = 0;
    SSL_read(client, &byte, 1);  // takes the ticket
    const bool resumed = SSL_session_reused(client) == 1;
    EXPECT_EQ(server.was_resumed(), resumed);
    // A new ticket in a session that goes on, OpenSSL tells of in TLS 1.3 only.
    if (resumed && GetParam() == TLS1_2_VERSION) SSL_SESSION_free(std::exchange(session, SSL_get1_session(client)));
    name = server.peer_common_name();
    SSL_shutdown(client);
    SSL_free(client);
    return resumed;
  }

  temporary_files files;
  authority ca{files};
  tls_server_settings settings;
  SSL_CTX* client_context = nullptr;
  SSL_SESSION* session = nullptr;
  std::optional<tls_certificate> with_certificate;
  int tickets = 0;
  std::string name;
};

INSTANTIATE_TEST_SUITE_P(versions, tls_resumption, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(tls_resumption, is_offered_by_one_ticket_and_outlives_new_files) {
  const auto context = tls_context::of_server(settings);
  EXPECT_FALSE(resumes(context));
  EXPECT_EQ(tickets, 1);
  EXPECT_TRUE(resumes(context));
  EXPECT_TRUE(resumes(tls_context::of_server(settings, context.get())));
  EXPECT_FALSE(resumes(tls_context::of_server(settings))) << "other keys";
}

TEST_P(tls_resumption, with_a_ticket_of_two_reloads_ago_there_is_none) {
  const auto first = tls_context::of_server(settings);
  EXPECT_FALSE(resumes(first));
  auto* of_first = session;
  SSL_SESSION_up_ref(of_first);
  const auto second = tls_context::of_server(settings, first.get());
  EXPECT_TRUE(resumes(second)) << "and a ticket of the new key is given";
  const auto third = tls_context::of_server(settings, second.get());
  EXPECT_TRUE(resumes(third));
  SSL_SESSION_free(std::exchange(session, of_first));
  EXPECT_FALSE(resumes(third));
}

// Nobody would look at the certificate again.
TEST_P(tls_resumption, is_not_for_clients_whose_certificates_are_asked_for) {
  settings.client_ca = ca.file();
  with_certificate = ca.make("client", {.common_name = "thermometer"});
  for (const auto ask : {client_certificates::optional, client_certificates::required}) {
    settings.ask = ask;
    const auto context = tls_context::of_server(settings);
    for (int n = 0; n < 2; ++n) {
      EXPECT_FALSE(resumes(context));
      EXPECT_EQ(name, "thermometer");
    }
    EXPECT_EQ(tickets, 0);
    EXPECT_FALSE(resumes(tls_context::of_server(settings, context.get())));
  }
}

// One from before certificates were asked for.
TEST_P(tls_resumption, ends_when_certificates_are_asked_for) {
  const auto before = tls_context::of_server(settings);
  EXPECT_FALSE(resumes(before));
  settings.client_ca = ca.file();
  settings.ask = client_certificates::optional;
  EXPECT_FALSE(resumes(tls_context::of_server(settings, before.get())));
}

}  // namespace
}  // namespace headgate::net::testing
