#include "admin/handlers.hpp"

namespace headgate::admin {

void get_healthz(const call& call) {
  if (has_no_query(call)) call.respond({200, plain_type, "ok\n", {}});
}

}  // namespace headgate::admin
