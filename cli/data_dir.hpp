#pragma once

#include <string>

#include "net/descriptor.hpp"

namespace headgate::cli {

// Keeps a data directory for this process alone, for as long as it lives: PATH/lock is locked (flock(2)) and holds the
// process id, for people. The file stays behind; a lock ends with its process, however that ends.
class data_dir_lock {
 public:
  // Makes the directory (0700) if it is not there; the one above must be. Throws config::settings_error with a sentence
  // that names the directory, and the process that has locked it.
  explicit data_dir_lock(const std::string& path);
  ~data_dir_lock();
  data_dir_lock(data_dir_lock&&) = default;
  data_dir_lock& operator=(data_dir_lock&&) = default;

 private:
  net::descriptor file_;
};

}  // namespace headgate::cli
