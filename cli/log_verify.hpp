#pragma once

#include <string>

namespace headgate::cli {

struct log_verify_options {
  std::string path;
  bool json = false;  // one object a segment, with what is wrong with it
};

// Checks every batch of the logs at or below a directory, and what stands beside their segments. Returns an exit
// status: answer_is_no when something is damaged.
int verify_logs(const log_verify_options& options);

}  // namespace headgate::cli
