#include "loadtest/run/tls_clients.hpp"

#include <gtest/gtest.h>

#include "tests/unit/net/tls_authority.hpp"
#include "tests/unit/net/tls_pair.hpp"

namespace headgate::loadtest::run {
namespace {

using net::testing::authority;
using net::testing::socket_pair;
using net::testing::temporary_files;

class tls_clients_of_a_plan : public ::testing::Test {
 public:
  tls_clients_of_a_plan() {
    net::tls_server_settings settings;
    settings.certificates = {ca.make("server", {.common_name = "server", .alternative_names = "IP:127.0.0.1"})};
    server_context = net::tls_context::of_server(settings);
    plan.tls.enabled = true;
    plan.tls.ca = ca.file();
  }

  // A connection of the client from its beginning to its end; whether the server let it in.
  bool connects(tls_clients& clients, std::uint32_t client, std::size_t target = 0) {
    const socket_pair sockets;
    net::tls_stream server(server_context, sockets.ours.get());
    const auto stream = clients.begin(client, target, sockets.theirs.get());
    for (int rounds = 0; rounds < 10; ++rounds) {
      stream->shake_hands();
      server.shake_hands();
    }
    if (!stream->is_established()) return false;
    clients.count(*stream);
    net::testing::send_text(server, "CONNACK");
    EXPECT_EQ(net::testing::receive_text(*stream), "CONNACK");
    clients.end(client, *stream);
    return true;
  }

  temporary_files files;
  authority ca{files};
  std::shared_ptr<const net::tls_context> server_context;
  core::plan plan;
};

TEST_F(tls_clients_of_a_plan, each_resumes_its_own_session) {
  tls_clients clients(plan, 2);
  EXPECT_TRUE(connects(clients, 0));
  EXPECT_TRUE(connects(clients, 1));
  EXPECT_EQ(clients.full(), 2);
  EXPECT_TRUE(connects(clients, 0));
  EXPECT_TRUE(connects(clients, 0));
  EXPECT_EQ(clients.full(), 2);
  EXPECT_EQ(clients.resumed(), 2);
}

TEST_F(tls_clients_of_a_plan, resume_nothing_where_they_are_not_to) {
  plan.tls.resumes = false;
  tls_clients clients(plan, 1);
  EXPECT_TRUE(connects(clients, 0));
  EXPECT_TRUE(connects(clients, 0));
  EXPECT_EQ(clients.full(), 2);
}

TEST_F(tls_clients_of_a_plan, verify_the_host_of_the_target_they_go_to) {
  plan.targets = {{"127.0.0.1", 1}, {"127.0.0.2", 1}};
  tls_clients clients(plan, 1);
  EXPECT_TRUE(connects(clients, 0, 0));
  tls_clients others(plan, 1);
  EXPECT_FALSE(connects(others, 0, 1));
  plan.tls.server_name = "127.0.0.1";
  tls_clients named(plan, 1);
  EXPECT_TRUE(connects(named, 0, 1));
}

TEST_F(tls_clients_of_a_plan, a_file_that_is_not_there_is_told) {
  plan.tls.ca = files.path("none.pem");
  EXPECT_THROW(tls_clients(plan, 1), net::tls_error);
}

}  // namespace
}  // namespace headgate::loadtest::run
