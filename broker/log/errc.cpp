#include "broker/log/disk.hpp"

namespace headgate::broker::log {

std::string_view explain(errc error) {
  switch (error) {
    case errc::no_space:
      return "the disk is full";
    case errc::failed:
      return "the disk answers with an error";
    case errc::not_found:
      return "there is no such file";
    case errc::not_allowed:
      return "the system does not allow it";
    case errc::would_wait:
      return "the bytes are not in memory";
    case errc::damaged:
      return "the bytes are not what was written";
    case errc::unknown_version:
      return "it was written by a version of Headgate that this one does not know";
    case errc::too_small:
      return "the file ends too early";
  }
  return "unknown error";
}

}  // namespace headgate::broker::log
