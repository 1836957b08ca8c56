#include "admin/handlers.hpp"

namespace headgate::admin {

void kick_client(const call& call) {
  if (!has_no_query(call)) return;
  call.services->server.kick_client(
      call.rest, answer<bool>(call, [](bool was_connected) {
        if (!was_connected) {
          return error_response(404, "no client of this id is connected; /api/v1/clients lists those that are");
        }
        return response{204, {}, {}, {}};
      }));
}

}  // namespace headgate::admin
