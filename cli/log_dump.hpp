#pragma once

#include <cstdint>
#include <string>

#include "cli/record_json.hpp"

namespace headgate::cli {

struct log_dump_options {
  std::string path;
  std::string log;     // "CLUSTER/N"; empty: all
  std::string filter;  // of topics; empty: all
  std::uint64_t from = 0;
  std::uint64_t to = ~std::uint64_t{0};
  std::string since;        // a time, as log_words has it; empty: from the beginning
  std::string until;        // likewise
  std::uint64_t count = 0;  // at most so many; 0: all
  std::uint64_t last = 0;   // the last so many of each log; 0: all
  bool all_kinds = false;   // also what is no message
  payload_form payload = payload_form::text;
};

// Prints the records of logs, each as a JSON object on a line of its own. Returns an exit status.
int dump_logs(const log_dump_options& options);

}  // namespace headgate::cli
