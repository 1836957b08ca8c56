#include <boost/json/serialize.hpp>

#include "admin/handlers.hpp"
#include "admin/to_json.hpp"

namespace headgate::admin {

void show_client(const call& call) {
  using details = std::optional<proxy::session::client_details>;
  if (!has_no_query(call)) return;
  call.services->server.show_client(
      call.rest, answer<details>(call, [](const details& client) {
        if (!client) {
          return error_response(404, "no client of this id is connected; /api/v1/clients lists those that are");
        }
        return json_response(boost::json::serialize(to_json(*client)));
      }));
}

}  // namespace headgate::admin
