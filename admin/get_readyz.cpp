#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "admin/handlers.hpp"

namespace headgate::admin {

namespace {

std::uint64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

response to_response(const std::vector<check>& checks) {
  const bool ready = std::all_of(checks.begin(), checks.end(), [](const check& check) { return check.ok; });
  boost::json::array list;
  for (const auto& check : checks) list.push_back({{"name", check.name}, {"ok", check.ok}, {"why", check.why}});
  auto response = json_response(boost::json::serialize(boost::json::object{{"ready", ready}, {"checks", list}}));
  response.status = ready ? 200 : 503;
  return response;
}

}  // namespace

void get_readyz(const call& call) {
  if (!has_no_query(call)) return;
  auto& services = *call.services;
  services.server.measure(answer_any<measures>(call, [&services](const std::optional<measures>& answer) {
    return to_response(check_readiness(answer, services.draining, steady_ms(), services.readiness));
  }));
}

}  // namespace headgate::admin
