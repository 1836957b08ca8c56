#pragma once

#include <functional>
#include <optional>
#include <string>

namespace headgate::cli {

// Reads a file, lets `edit` say what shall stand there, and puts that in its place at once: readers see the old file or
// the new one, also after a crash. Mode and owner stay; a new file is for its owner only. Two at once wait for each
// other, so that neither loses what the other wrote. `edit` gives nothing: the file stays as it is. A file that is not
// there is made if `may_create`. Throws std::runtime_error with a sentence.
void replace_file(const std::string& path, bool may_create,
                  const std::function<std::optional<std::string>(const std::string& text)>& edit);

// Throws std::runtime_error with a sentence.
std::string read_whole_file(const std::string& path);

}  // namespace headgate::cli
