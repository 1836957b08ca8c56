#include <boost/json/serialize.hpp>

#include "admin/handlers.hpp"
#include "admin/to_json.hpp"

namespace headgate::admin {

void get_stats(const call& call) {
  if (!has_no_query(call)) return;
  call.services->server.measure(answer<measures>(
      call, [](const measures& measures) { return json_response(boost::json::serialize(to_json(measures))); }));
}

}  // namespace headgate::admin
