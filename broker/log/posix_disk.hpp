#pragma once

#include <memory>
#include <string>

#include "broker/log/disk.hpp"

namespace headgate::broker::log {

// The files of one directory of the system.
result<std::unique_ptr<directory>> open_posix_directory(const std::string& path);
// Makes the directory (0700) before if it is not there; the one above must be.
result<std::unique_ptr<directory>> make_posix_directory(const std::string& path);

}  // namespace headgate::broker::log
