#include "session-store/session_record.hpp"

namespace headgate::session_store {

std::string_view explain(errc error) {
  switch (error) {
    case errc::truncated:
      return "the stored session ends inside a field";
    case errc::trailing_bytes:
      return "the stored session has bytes after its last field";
    case errc::unknown_version:
      return "the stored session was written by a version of Headgate that this one does not know";
    case errc::value_invalid:
      return "the stored session holds a number outside its range";
  }
  return "unknown error";
}

}  // namespace headgate::session_store
