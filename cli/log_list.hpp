#pragma once

#include <string>

namespace headgate::cli {

struct log_list_options {
  std::string path;
  bool json = false;  // one object a segment
};

// Prints the logs at or below a directory, and their segments. Returns an exit status.
int list_logs(const log_list_options& options);

}  // namespace headgate::cli
