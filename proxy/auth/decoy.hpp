#pragma once

#include <cstdint>

#include "proxy/auth/password_file.hpp"

namespace headgate::proxy::auth {

// A hash that is nobody's, to be computed for names that are not there: of the kind, the iterations and the size of
// salt that the file's first user has, else of those that new hashes get. Pure.
password_hash make_decoy(const password_file& users, std::uint64_t seed);

}  // namespace headgate::proxy::auth
