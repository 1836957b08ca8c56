#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::config::mosquitto {

// Where an option stands. Lines count from 1; 0: the file as a whole.
struct place {
  std::string file;
  std::uint32_t line = 0;

  bool operator==(const place&) const = default;
};
std::string to_string(const place& where);  // "mosquitto.conf:7"

// One line of a mosquitto.conf that sets something.
struct option_line {
  place where;
  // The reading of a file that it belongs to, from 0: "listener" and "connection" open a block that ends with its file.
  std::size_t reading = 0;
  std::string name;
  std::string value;  // the rest of the line without blanks around it; may be empty
};

// A file that cannot be read, or that is no mosquitto.conf; the text names file and line.
struct import_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void fail_at(const place& where, const std::string& why);  // throws import_error

// The files that are read. A port, so that tests and fuzzers need no disk.
class file_source {
 public:
  virtual ~file_source() = default;
  // The whole file. Throws import_error with a sentence that names it.
  virtual std::string read(const std::string& path) = 0;
  // The names of what the directory holds, in any order. Throws import_error.
  virtual std::vector<std::string> names_in(const std::string& directory) = 0;
};

// The options of the file and of those that its include_dir names, in the order in which mosquitto 2 reads them. The
// lines "include_dir" are among them, before those of the files that they include. Throws import_error.
std::vector<option_line> read_options(const std::string& path, file_source& files);

// The first word of a value: what mosquitto takes of a number, a flag or a name.
std::string first_word(std::string_view value);
std::vector<std::string> words(std::string_view value);

}  // namespace headgate::config::mosquitto
