#include "cli/import_command.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "config/mosquitto/translate.hpp"
#include "net/descriptor.hpp"

namespace headgate::cli {

namespace {

using config::mosquitto::import_error;

// Above this it is no configuration, and not worth the memory.
constexpr std::uintmax_t max_file_bytes = 4 * 1024 * 1024;

std::string cause(int error) {
  return std::generic_category().message(error);
}

class disk final : public config::mosquitto::file_source {
 public:
  std::string read(const std::string& path) override {
    // Not blocking: nobody may ever write to a pipe.
    const net::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) throw import_error(path + " cannot be read: " + cause(errno));
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) throw import_error(path + " cannot be read: " + cause(errno));
    if (!S_ISREG(about.st_mode)) throw import_error(path + " is no file");
    std::string content;
    std::array<char, 16'384> part{};
    for (;;) {
      const auto count = ::read(file.get(), part.data(), part.size());
      if (count < 0) throw import_error(path + " cannot be read: " + cause(errno));
      if (count == 0) return content;
      content.append(part.data(), static_cast<std::size_t>(count));
      if (content.size() > max_file_bytes) throw import_error(path + " is too large to be a mosquitto.conf");
    }
  }

  std::vector<std::string> names_in(const std::string& directory) override {
    std::vector<std::string> names;
    try {
      for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
    } catch (const std::filesystem::filesystem_error& error) {
      throw import_error(directory + " cannot be read: " + error.code().message() +
                         "; copy it too, or take the line out");
    }
    return names;
  }
};

// Returns 0 or an errno.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count <= 0) return count < 0 ? errno : EIO;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// Written beside the old file and moved over it, so that nobody ever reads a half; without `force` linked, which fails
// where a file is already.
void write_output(const std::string& path, const std::string& text, bool force) {
  const auto draft = path + ".new-" + std::to_string(::getpid());
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) throw std::runtime_error(path + " cannot be written: " + cause(errno));
  int error = write_all(file, text);
  if (::close(file) != 0 && error == 0) error = errno;
  if (error == 0) {
    const bool moved = force ? ::rename(draft.c_str(), path.c_str()) == 0 : ::link(draft.c_str(), path.c_str()) == 0;
    if (!moved) error = errno;
  }
  if (error != 0 || !force) ::unlink(draft.c_str());
  if (error == EEXIST) throw std::runtime_error(path + " is there already: choose another name, or add --force");
  if (error != 0) throw std::runtime_error(path + " cannot be written: " + cause(error));
}

}  // namespace

int import_mosquitto(const import_options& options) {
  disk disk;
  const auto translation = config::mosquitto::translate(options.input, disk);
  if (!options.output.empty()) write_output(options.output, translation.yaml, options.force);
  std::fputs(config::mosquitto::report(options.input, translation).c_str(), stderr);
  if (options.output.empty()) {
    const bool written = std::fputs(translation.yaml.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
    if (!written) throw std::runtime_error("standard output takes no more: " + cause(errno));
  } else {
    std::fprintf(stderr, "\n%s is written. Look it over, then: headgate serve --config %s\n", options.output.c_str(),
                 options.output.c_str());
  }
  return done;
}

void add_import_command(CLI::App& app, command_line& line) {
  const auto options = std::make_shared<import_options>();
  auto* command = app.add_subcommand("import",
                                     "Translates a mosquitto.conf of mosquitto 2 into a configuration of Headgate, and "
                                     "lists on standard error what has no counterpart");
  command->add_option("FILE", options->input, "The mosquitto.conf; files of its include_dir are read too")->required();
  command->add_option("-o,--output", options->output, "Where to write it; standard output if not given");
  command->add_flag("--force", options->force, "Writes over a file that is there already");
  command->footer("Example: headgate import /etc/mosquitto/mosquitto.conf -o headgate.yaml");
  command->callback([options, &line] { line.run = [options] { return import_mosquitto(*options); }; });
}

}  // namespace headgate::cli
