#pragma once

#include <string_view>

namespace headgate::admin {

// admin/openapi.yaml, as it was when the program was built.
std::string_view openapi_document();

}  // namespace headgate::admin
