#include "admin/exchange.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace headgate::admin {

response json_response(std::string body) {
  return {200, json_type, std::move(body), {}};
}

response error_response(unsigned status, const std::string& sentence) {
  boost::json::object object;
  object["error"] = sentence;
  return {status, json_type, boost::json::serialize(object), {}};
}

}  // namespace headgate::admin
