#include "admin/handlers.hpp"
#include "admin/openapi_document.hpp"

namespace headgate::admin {

void get_openapi(const call& call) {
  if (has_no_query(call)) call.respond({200, "application/yaml", std::string(openapi_document()), {}});
}

}  // namespace headgate::admin
