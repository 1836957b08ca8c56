#include "admin/router.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>

#include "admin/target.hpp"
#include "tests/unit/admin/fake_server.hpp"

namespace headgate::admin {
namespace {

struct router_test : testing::Test {
  // Everything runs at once, on this thread.
  response ask(request request) {
    std::optional<response> given;
    const auto shared = std::shared_ptr<services>(new services{server, [](const auto& task) { task(); }, {}, {}, {}});
    shared->token.set(token);
    route(request, "127.0.0.1", shared, [&](response response) {
      EXPECT_FALSE(given) << "two responses";
      given = std::move(response);
    });
    EXPECT_TRUE(given) << "no response to " << request.method << " " << request.target;
    return given.value_or(response{});
  }
  response get(const std::string& target) { return ask({"GET", target, "localhost:18083", false}); }
  static boost::json::value json_of(const response& response) { return boost::json::parse(response.body); }
  static std::string error_of(const response& response) {
    return std::string(json_of(response).at("error").as_string());
  }

  fake_server server;
  std::string token;  // empty: none is asked for
};

TEST_F(router_test, knows_its_paths) {
  EXPECT_EQ(get("/healthz").body, "ok\n");
  EXPECT_EQ(get("/readyz").status, 200U);
  EXPECT_EQ(get("/metrics").status, 200U);
  EXPECT_EQ(get("/api/v1/stats").status, 200U);
  EXPECT_EQ(get("/api/v1/openapi.yaml").body.substr(0, 8), "openapi:");
  for (const char* path :
       {"/", "/healthz/", "/metricsx", "/api", "/api/v1", "/api/v1/clients/", "//healthz", "/../x"}) {
    const auto response = get(path);
    EXPECT_EQ(response.status, 404U) << path;
    EXPECT_NE(error_of(response).find("/api/v1/openapi.yaml"), std::string::npos);
  }
}

TEST_F(router_test, names_the_methods_that_a_path_has) {
  const auto post = ask({"POST", "/metrics", "localhost", true});
  EXPECT_EQ(post.status, 405U);
  EXPECT_EQ(post.allow, "GET, HEAD");
  const auto put = ask({"PUT", "/api/v1/clients/x1", "localhost", true});
  EXPECT_EQ(put.status, 405U);
  EXPECT_EQ(put.allow, "GET, HEAD, DELETE");
  EXPECT_EQ(ask({"HEAD", "/healthz", "localhost", false}).status, 200U);
  EXPECT_EQ(ask({"get", "/healthz", "localhost", false}).status, 405U);
}

TEST_F(router_test, answers_to_its_own_name_only) {
  for (const char* host : {"localhost", "LocalHost:18083", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:18083"}) {
    EXPECT_EQ(ask({"GET", "/healthz", host, false}).status, 200U) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "192.0.2.1", "[::1",
                           "localhost:80:80", "127.0.0.1:port", "::1"}) {
    EXPECT_EQ(ask({"GET", "/healthz", host, false}).status, 403U) << host;
  }
  EXPECT_EQ(ask({"GET", "/healthz", std::nullopt, false}).status, 400U);
}

TEST_F(router_test, asks_for_the_token) {
  token = "0123456789abcdef";
  const std::string right = "Bearer 0123456789abcdef";
  for (const char* path : {"/metrics", "/api/v1/openapi.yaml", "/api/v1/stats", "/api/v1/clients", "/api/v1/clients/x1",
                           "/api/v1/topics", "/none", "/", "%", "/healthz/", "/healthzx", "//healthz", "/x?/healthz"}) {
    for (const auto& wrong : {std::optional<std::string>(), std::optional<std::string>("Bearer 0123456789abcdeF")}) {
      const auto refused = ask({"GET", path, "localhost", true, wrong});
      EXPECT_EQ(refused.status, 401U) << path;
      EXPECT_EQ(refused.authenticate, "Bearer");
      EXPECT_NE(error_of(refused).find("--token-file"), std::string::npos);
    }
    EXPECT_NE(ask({"GET", path, "localhost", true, right}).status, 401U) << path;
  }
  EXPECT_EQ(ask({"DELETE", "/api/v1/clients/x1", "localhost", true}).status, 401U);
  EXPECT_TRUE(server.kicked().empty());
  EXPECT_EQ(ask({"DELETE", "/api/v1/clients/x1", "localhost", true, right}).status, 204U);
  EXPECT_EQ(ask({"DELETE", "/api/v1/clients/x1", "localhost", false, right}).status, 403U);
}

TEST_F(router_test, asks_orchestrators_for_no_token) {
  token = "0123456789abcdef";
  for (const char* path : {"/healthz", "/readyz"}) {
    for (const char* method : {"GET", "HEAD"}) EXPECT_EQ(ask({method, path, "10.0.0.7:80", false}).status, 200U);
    EXPECT_EQ(ask({"DELETE", path, "localhost", true}).status, 401U);
    EXPECT_EQ(ask({"GET", std::string(path) + "?x=1", "localhost", false}).status, 400U);
  }
}

TEST_F(router_test, answers_to_any_name_with_the_token) {
  token = "0123456789abcdef";
  EXPECT_EQ(ask({"GET", "/metrics", "headgate.example:18083", false, "Bearer " + token}).status, 200U);
  EXPECT_EQ(ask({"GET", "/metrics", "headgate.example:18083", false}).status, 401U);
  EXPECT_EQ(ask({"GET", "/metrics", std::nullopt, false, "Bearer " + token}).status, 400U);
}

TEST_F(router_test, lets_programs_kick_but_no_page_in_a_browser) {
  EXPECT_EQ(ask({"DELETE", "/api/v1/clients/x1", "localhost", false}).status, 403U);
  EXPECT_TRUE(server.kicked().empty());
  const auto kick = ask({"DELETE", "/api/v1/clients/device%2F1%20of%202", "localhost", true});
  EXPECT_EQ(kick.status, 204U);
  EXPECT_EQ(kick.body, "");
  EXPECT_EQ(server.kicked(), std::vector<std::string>{"device/1 of 2"});
  EXPECT_EQ(ask({"DELETE", "/api/v1/clients/none", "localhost", true}).status, 404U);
}

TEST_F(router_test, shows_clients_of_any_id) {
  const auto client = json_of(get("/api/v1/clients/device%2f1%20of%202"));
  EXPECT_EQ(client.at("client").at("id"), "device/1 of 2");
  EXPECT_EQ(client.at("client").at("protocol"), "5.0");
  EXPECT_EQ(client.at("subscriptions").at(0).at("filter"), "sensors/+/\"quoted\"");
  EXPECT_EQ(client.at("positions").at(0).at("streamed"), 20);
  EXPECT_EQ(get("/api/v1/clients/device/1%20of%202").status, 200U);
  EXPECT_EQ(get("/api/v1/clients/%C3%BC").status, 200U);
  EXPECT_EQ(get("/api/v1/clients/unknown").status, 404U);
  for (const char* id : {"%", "%4", "%zz", "%ff", "a%00b", "%ed%a0%80"}) {
    EXPECT_EQ(get(std::string("/api/v1/clients/") + id).status, 400U) << id;
  }
}

TEST_F(router_test, pages_lists) {
  auto page = json_of(get("/api/v1/clients?match=x&limit=2"));
  EXPECT_EQ(page.at("clients").as_array().size(), 2U);
  const std::string next(page.at("next").as_string());
  EXPECT_EQ(next.substr(0, 2), "0:");
  page = json_of(get("/api/v1/clients?match=x&limit=2&after=" + next));
  EXPECT_EQ(page.at("clients").at(0).at("id"), "x3");
  EXPECT_EQ(page.at("next"), "");
  for (const char* query : {"limit=0", "limit=1001", "limit=x", "limit=", "limit=-1", "limit=1&limit=2", "page=2",
                            "limit=99999999999999999999", "after=%", "after=x2", "after=-1:0",
                            "after=1:", "after=1:99999999999999999999"}) {
    EXPECT_EQ(get(std::string("/api/v1/clients?") + query).status, 400U) << query;
  }
  EXPECT_EQ(get("/api/v1/stats?x=1").status, 400U);
}

TEST_F(router_test, takes_filters_and_topics_that_are_some) {
  EXPECT_EQ(json_of(get("/api/v1/topics?match=a/+/%23")).at("next"), "a/+/#");
  for (const char* filter : {"a%23", "a/%23/b", "a+", "$share/g/a"}) {
    EXPECT_EQ(get(std::string("/api/v1/topics?match=") + filter).status, 400U) << filter;
  }
  const auto topic = json_of(get("/api/v1/topics//a%20b/c"));
  EXPECT_EQ(topic.at("topic"), "/a b/c");
  EXPECT_EQ(topic.at("retained").at("payload_bytes"), 12);
  EXPECT_EQ(topic.at("filters").at(0).at("subscribers"), 7);
  EXPECT_EQ(get("/api/v1/topics/a/+").status, 400U);
}

TEST_F(router_test, says_everything_in_stats) {
  const auto stats = json_of(get("/api/v1/stats"));
  EXPECT_EQ(stats.at("gateway").at("connects"), 41);
  EXPECT_EQ(stats.at("shards").as_array().size(), 3U);
  EXPECT_EQ(stats.at("workers").at(1).at("phase_ns").at("inbox"), 1'500'000'000);
  EXPECT_EQ(stats.at("publish_to_acknowledgement").at("count"), 8);
  EXPECT_EQ(stats.at("server").at("limits").at("max_inflight"), 1024);
}

struct silent_router_test : router_test {
  silent_router_test() : silent(answering::with_nothing) {}
  fake_server silent;
};

TEST_F(silent_router_test, says_that_a_worker_did_not_answer) {
  const auto shared = std::shared_ptr<services>(new services{silent, [](const auto& task) { task(); }, {}, {}, {}});
  for (const char* path : {"/readyz", "/metrics", "/api/v1/stats", "/api/v1/clients", "/api/v1/clients/x1",
                           "/api/v1/topics", "/api/v1/topics/a"}) {
    unsigned status = 0;
    route({"GET", path, "localhost", false}, "127.0.0.1", shared,
          [&](const response& given) { status = given.status; });
    EXPECT_EQ(status, 503U) << path;
  }
}

// Whatever comes in is answered, once, with something that is JSON if it is an error.
TEST_F(router_test, answers_random_requests) {
  std::mt19937 random(7);
  const std::string alphabet = "/api/v1/clients/topics?limit=&after%23%00ff\"\\+#\x7f\xc3\xbc \xff:.[]";
  const std::vector<std::string> starts = {"", "/", "/api/v1/clients/", "/api/v1/topics?match=", "/api/v1/clients?"};
  for (int round = 0; round < 20'000; ++round) {
    auto text = starts[random() % starts.size()];
    const auto size = random() % 40;
    for (std::size_t n = 0; n < size; ++n) text += alphabet[random() % alphabet.size()];
    const auto response =
        ask({random() % 4 == 0 ? "DELETE" : "GET", text, random() % 8 == 0 ? text : "localhost", true});
    if (response.status >= 400) {
      ASSERT_FALSE(error_of(response).empty());
    }
  }
}

TEST(target, encoding_and_decoding_are_each_others_inverse) {
  std::string text;
  for (int byte = 1; byte < 128; ++byte) text += static_cast<char>(byte);
  text += "\xe2\x82\xac";
  EXPECT_EQ(percent_decode(percent_encode(text)), text);
  EXPECT_EQ(percent_encode("a/b +#%?"), "a%2Fb%20%2B%23%25%3F");
}

}  // namespace
}  // namespace headgate::admin
