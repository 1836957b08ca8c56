#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/bearer_token.hpp"
#include "admin/exchange.hpp"
#include "admin/readiness.hpp"
#include "admin/server.hpp"

namespace headgate::admin {

// What handlers work with. Everything but the flag and the token belongs to the thread of `post`.
struct services {
  admin::server& server;
  std::function<void(std::function<void()>)> post;  // runs it on the thread of the handlers
  std::atomic<bool> draining = false;
  readiness_history readiness;
  bearer_token token{};
};

// A request that has found its handler.
struct call {
  std::string rest;  // of the path: the client id, the topic
  std::vector<std::pair<std::string, std::string>> query;
  std::shared_ptr<admin::services> services;
  admin::respond respond;
};

// One file each. They check what the path and the query say, and give exactly one response, now or later.
void get_healthz(const call& call);
void get_readyz(const call& call);
void get_metrics(const call& call);
void get_stats(const call& call);
void list_clients(const call& call);
void show_client(const call& call);
void kick_client(const call& call);
void list_topics(const call& call);
void show_topic(const call& call);
void get_openapi(const call& call);

// Makes the response, on the thread of the handlers, of an answer that any thread gives: `make` takes
// std::optional<Answer>.
template <class Answer, class Make>
server::on_answer<Answer> answer_any(const call& call, Make make) {
  return [services = call.services, respond = call.respond, make](std::optional<Answer> answer) {
    services->post(
        [services, respond, make, answer = std::move(answer)]() mutable { respond(make(std::move(answer))); });
  };
}

response no_answer();  // 503: a worker did not answer in time

// As above; `make` takes Answer, and no_answer() is what is said without one.
template <class Answer, class Make>
server::on_answer<Answer> answer(const call& call, Make make) {
  return answer_any<Answer>(
      call, [make](std::optional<Answer> answer) { return answer ? make(std::move(*answer)) : no_answer(); });
}

// limit, after and match from a query. Nothing: it was answered with 400.
std::optional<page_request> read_page_request(const call& call);
// Answers with 400 if there is a query where none belongs.
bool has_no_query(const call& call);

}  // namespace headgate::admin
