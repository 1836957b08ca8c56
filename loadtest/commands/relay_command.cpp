#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "loadtest/commands/command.hpp"
#include "loadtest/commands/standard_streams.hpp"
#include "loadtest/relay/command.hpp"
#include "loadtest/relay/relay.hpp"
#include "loadtest/relay/resolve.hpp"
#include "loadtest/relay/words.hpp"
#include "net/descriptor.hpp"

namespace headgate::loadtest::commands {

namespace {

constexpr std::size_t longest_line = 64 * 1024;

struct relay_request {
  std::string target;
  std::string listen = "127.0.0.1:0";
  std::uint64_t seed = 1;
  std::vector<std::string> commands;
  std::string duration;
  bool json = false;
};

// SIGINT and SIGTERM as something to read.
net::descriptor ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  net::descriptor readable(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!readable) throw std::system_error(errno, std::system_category(), "signalfd");
  return readable;
}

// What is printed is buffered; flush() gives it to whoever reads.
void print(const std::string& line) {
  const auto text = line + "\n";
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) write_output("");  // says why
}

void flush() {
  write_output("");
}

// The relay with its standard input and output.
class session {
 public:
  explicit session(const relay_request& request) : json_(request.json), relay_(options_of(request)) {
    const auto target = relay::resolve(request.target);
    const auto listen = relay::resolve(request.listen);
    print("relay listening on " + as_text(relay::endpoint{listen.address, relay_.port()}) + ", to " + as_text(target));
    for (const auto& line : request.commands) print(relay_.apply(line));
  }

  // Until it is told to end, or for so long (0: no such limit).
  int run(std::uint64_t duration_ms) {
    const auto signals = ending_signals();
    relay_.watch(signals.get(), [this] { is_over_ = true; });
    if (!relay_.watch(STDIN_FILENO, [this] { read_commands(); })) {
      while (!has_read_all_) read_commands();  // a file
    }
    flush();
    const auto over = [this] {
      flush();
      return is_over_ || relay_.is_over();
    };
    constexpr std::uint64_t for_long_ms = 10ULL * 365 * 24 * 3600 * 1000;
    relay_.run_until(over, duration_ms > 0 ? duration_ms : for_long_ms);
    print(json_ ? "{\"sums\":" + as_json(relay_.done()) + "}" : "sums: " + as_text(relay_.done()));
    flush();
    return good;
  }

 private:
  relay::relay_options options_of(const relay_request& request) const {
    const auto target = relay::resolve(request.target);
    const auto listen = relay::resolve(request.listen);
    relay::relay_options options;
    options.target_address = target.address;
    options.target_port = target.port;
    options.listen_address = listen.address;
    options.listen_port = listen.port;
    options.seed = request.seed;
    options.on_unreachable = [](const std::string& sentence) { write_error("headgate-loadtest: " + sentence + "\n"); };
    options.on_fault = [json = json_](const relay::fault& made) { print(json ? as_json(made) : as_text(made)); };
    return options;
  }

  void read_commands() {
    std::array<char, 4096> piece;
    const auto size = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size <= 0) {  // the relay goes on without
      has_read_all_ = true;
      relay_.unwatch(STDIN_FILENO);
      if (!input_.empty()) obey(std::exchange(input_, {}));
      return;
    }
    input_.append(piece.data(), static_cast<std::size_t>(size));
    for (std::size_t end; (end = input_.find('\n')) != std::string::npos;) {
      const auto line = input_.substr(0, end);
      input_.erase(0, end + 1);
      obey(line);
    }
    if (input_.size() > longest_line) {
      input_.clear();
      print("error a command line has at most 64 KiB");
    }
  }

  void obey(const std::string& line) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) return;
    print(relay_.apply(line));
  }

  const bool json_;
  relay::relay relay_;
  std::string input_;
  bool has_read_all_ = false;
  bool is_over_ = false;
};

int run(const relay_request& request) {
  std::uint64_t duration_ms = 0;
  if (!request.duration.empty()) {
    const auto duration_ns = relay::parse_duration(request.duration);
    if (!duration_ns || *duration_ns < 1'000'000) {
      throw std::runtime_error("--for '" + request.duration + "' is no time; write for example --for 30s");
    }
    duration_ms = *duration_ns / 1'000'000;
  }
  for (const auto& command : request.commands) {
    const auto parsed = relay::parse_command(command);
    const auto* error = std::get_if<std::string>(&parsed);
    if (error != nullptr) throw std::runtime_error("--do '" + command + "': " + *error);
  }
  return session(request).run(duration_ms);
}

std::string footer() {
  return std::string(
             "The first line of the output is \"relay listening on ADDRESS:PORT, to HOST:PORT\". Command lines on "
             "standard input\nare answered with one line each, \"ok …\" or \"error …\". Each fault is a line, the sums "
             "come at the end; with --json\nboth are objects, {\"fault\":…} and {\"sums\":…}, which no other line "
             "begins "
             "like. The relay ends on 'quit', SIGINT and\nSIGTERM.\n\nExamples:\n"
             "  headgate-loadtest relay --target 127.0.0.1:1883 --do 'drop publish down nth 5000'\n"
             "  headgate-loadtest relay --target 127.0.0.1:1883 --do 'stall 1s every 10s' --for 60s\n"
             "  headgate-loadtest relay --target 127.0.0.1:1883 --seed 7 --do 'drop puback probability 1%' --json\n\n"
             "Commands:\n") +
         relay::command_grammar;
}

}  // namespace

void add_relay_command(CLI::App& app, command_line& line) {
  const auto request = std::make_shared<relay_request>();
  auto* command = app.add_subcommand("relay", "Stands between clients and a server and makes faults on command");
  command->add_option("--target", request->target, "The server")->required()->type_name("HOST:PORT");
  command->add_option("--listen", request->listen, "Where to listen; port 0 takes one that is free")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  command->add_option("--seed", request->seed, "Decides what probabilities choose")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--do", request->commands, "A command to begin with; may be given again")
      ->type_name("COMMAND")
      ->allow_extra_args(false)
      ->trigger_on_parse(false);
  command->add_option("--for", request->duration, "Ends after this time, such as 30s")->type_name("TIME");
  command->add_flag("--json", request->json, "Faults and sums as lines of JSON");
  command->footer(footer());
  command->callback([request, &line] { line.run = [request] { return run(*request); }; });
}

}  // namespace headgate::loadtest::commands
