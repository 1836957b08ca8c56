#include "net/tls_session.hpp"

#include <gtest/gtest.h>

#include "net/tls_stream.hpp"
#include "tests/unit/net/tls_authority.hpp"
#include "tests/unit/net/tls_pair.hpp"

// Clients that come again.
namespace headgate::net::testing {
namespace {

class tls_session_of_both : public ::testing::TestWithParam<tls_version> {
 public:
  tls_session_of_both() {
    server_settings.certificates = {ca.make("server", {.common_name = "server", .alternative_names = "DNS:a.test"})};
    client_settings.ca = ca.file();
    client_settings.server_name = "a.test";
    client_settings.maximum = GetParam();
    server = tls_context::of_server(server_settings);
    client = tls_context::of_client(client_settings);
  }

  // Connects with the session, and takes what the server gives.
  bool resumes(tls_session& session) {
    tls_pair pair(server, client);
    pair.client.resume(session);
    pair.shake_hands();
    EXPECT_TRUE(pair.both_established()) << pair.server.failure() << " / " << pair.client.failure();
    EXPECT_EQ(send_text(pair.server, "answer").size, 6U);
    EXPECT_EQ(receive_text(pair.client), "answer");
    const bool resumed = pair.client.was_resumed();
    EXPECT_EQ(pair.server.was_resumed(), resumed);
    session = pair.client.take_session();
    return resumed;
  }

  temporary_files files;
  authority ca{files};
  tls_server_settings server_settings;
  tls_client_settings client_settings;
  std::shared_ptr<const tls_context> server;
  std::shared_ptr<const tls_context> client;
};

INSTANTIATE_TEST_SUITE_P(versions, tls_session_of_both, ::testing::Values(tls_version::v1_2, tls_version::v1_3));

TEST_P(tls_session_of_both, goes_on_as_often_as_the_client_comes_again) {
  tls_session session;
  EXPECT_FALSE(resumes(session));
  EXPECT_FALSE(session.empty());
  EXPECT_TRUE(resumes(session));
  EXPECT_TRUE(resumes(session));
}

TEST_P(tls_session_of_both, a_server_that_does_not_know_it_makes_a_full_handshake) {
  tls_session session;
  EXPECT_FALSE(resumes(session));
  server = tls_context::of_server(server_settings);
  EXPECT_FALSE(resumes(session));
  EXPECT_TRUE(resumes(session));
}

TEST_P(tls_session_of_both, there_is_none_before_the_handshake_is_done) {
  tls_pair pair(server, client);
  EXPECT_TRUE(pair.client.take_session().empty());
}

}  // namespace
}  // namespace headgate::net::testing
