#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "session-store/embedded/stored_ids.hpp"
#include "session-store/embedded/table.hpp"

namespace headgate::session_store::embedded {

struct opened_table {
  embedded::table table;
  std::vector<stored_ids> ids;  // by engine
};
// Opens the stored sessions for so many engines, each of which has the client ids whose hash is its number modulo
// theirs: begins a life, ends the one before, and reads all keys of sessions once. Or a sentence that says what is
// wrong and what to do.
base::result<opened_table, std::string> open_table(const rocks::options& options, std::uint32_t engines,
                                                   std::uint64_t now_ms);

}  // namespace headgate::session_store::embedded
