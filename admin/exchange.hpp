#pragma once

#include <functional>
#include <optional>
#include <string>

namespace headgate::admin {

// What the router sees of an HTTP request.
struct request {
  std::string method;               // "GET"; case counts
  std::string target;               // as it came: "/api/v1/clients?limit=10"
  std::optional<std::string> host;  // the header
  bool from_program = false;        // has the header X-Headgate-Admin, which no page can make a browser send to us
  std::optional<std::string> authorization{};  // the header, if there is one and not two
};

struct response {
  unsigned status = 200;
  std::string content_type;
  std::string body;
  std::string allow;           // for 405: the methods that do exist
  std::string authenticate{};  // for 401: how to say who asks
};

// Gives the response, once.
using respond = std::function<void(response)>;

inline constexpr const char* json_type = "application/json";
inline constexpr const char* plain_type = "text/plain; charset=utf-8";

response json_response(std::string body);
// {"error": sentence}; the sentence says what to do.
response error_response(unsigned status, const std::string& sentence);

}  // namespace headgate::admin
