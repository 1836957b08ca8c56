#include "admin/router.hpp"

#include <string_view>

#include "admin/host_check.hpp"
#include "admin/target.hpp"

namespace headgate::admin {

namespace {

struct entry {
  std::string_view path;  // that ends with '/': something has to follow, whatever it holds
  std::string_view method;
  void (*handle)(const call&);
};

constexpr entry entries[] = {
    {"/healthz", "GET", get_healthz},         {"/readyz", "GET", get_readyz},
    {"/metrics", "GET", get_metrics},         {"/api/v1/openapi.yaml", "GET", get_openapi},
    {"/api/v1/stats", "GET", get_stats},      {"/api/v1/clients", "GET", list_clients},
    {"/api/v1/clients/", "GET", show_client}, {"/api/v1/clients/", "DELETE", kick_client},
    {"/api/v1/topics", "GET", list_topics},   {"/api/v1/topics/", "GET", show_topic},
};

// What follows the entry's path, or nothing if the path is another one.
std::optional<std::string_view> rest_of(std::string_view path, const entry& entry) {
  if (entry.path.back() != '/') return path == entry.path ? std::optional<std::string_view>("") : std::nullopt;
  if (!path.starts_with(entry.path) || path.size() == entry.path.size()) return std::nullopt;
  return path.substr(entry.path.size());
}

bool is_method_of(std::string_view method, const entry& entry) {
  return method == entry.method || (method == "HEAD" && entry.method == "GET");
}

// What an orchestrator asks, which has no token, and which tells nothing but that we are well.
bool needs_no_token(const request& request) {
  const auto path = std::string_view(request.target).substr(0, request.target.find('?'));
  const bool asks = request.method == "GET" || request.method == "HEAD";
  return asks && (path == "/healthz" || path == "/readyz");
}

response unknown_asker() {
  auto response = error_response(401,
                                 "this listener asks for the token of admin.token_file, in the header 'Authorization: "
                                 "Bearer TOKEN'; headgate's commands take it from --token-file FILE");
  response.authenticate = "Bearer";
  return response;
}

// What is wrong with a request before its path is looked at. With a token any host will do: the page of a name that
// points to us (DNS rebinding) does not know it, and a browser does not send it by itself.
std::optional<response> refusal(const request& request, const std::string& bind, const bearer_token& token) {
  if (!request.host) return error_response(400, "HTTP/1.1 asks for a Host header; send one");
  if (token.is_needed()) {
    if (needs_no_token(request) || token.admits(request.authorization)) return std::nullopt;
    return unknown_asker();
  }
  if (!is_own_host(*request.host, bind)) {
    return error_response(403,
                          "this listener answers to localhost and to its address only, not to another name in the "
                          "Host header; ask by the address");
  }
  return std::nullopt;
}

}  // namespace

void route(const request& request, const std::string& bind, const std::shared_ptr<services>& services,
           respond respond) {
  if (auto refused = refusal(request, bind, services->token)) return respond(std::move(*refused));
  auto target = parse_target(request.target);
  if (!target) return respond(error_response(400, "the path or the query is not percent-encoded UTF-8 text"));
  std::string allow;
  for (const auto& entry : entries) {
    const auto rest = rest_of(target->path, entry);
    if (!rest) continue;
    if (!is_method_of(request.method, entry)) {
      allow += (allow.empty() ? "" : ", ") + std::string(entry.method) + (entry.method == "GET" ? ", HEAD" : "");
      continue;
    }
    if (entry.method != "GET" && !request.from_program) {
      return respond(error_response(403,
                                    "what changes something needs the header 'X-Headgate-Admin: 1', so that no "
                                    "page in a browser can do it"));
    }
    return entry.handle({std::string(*rest), std::move(target->query), services, std::move(respond)});
  }
  if (allow.empty()) return respond(error_response(404, "no such path; /api/v1/openapi.yaml names them all"));
  auto response = error_response(405, "this path has other methods: " + allow);
  response.allow = allow;
  respond(std::move(response));
}

}  // namespace headgate::admin
