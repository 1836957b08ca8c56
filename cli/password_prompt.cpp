#include "cli/password_prompt.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace headgate::cli {

namespace {

constexpr std::size_t most_bytes = 65'535;  // of a password in MQTT

// The signal that came while a password was asked for: the terminal gets its echo back before it is obeyed.
volatile std::sig_atomic_t signal_that_came = 0;

// Waits for input with these signals let through; false: one of them came. They are blocked at all other times, so that
// none can come between a look at signal_that_came and the wait.
bool wait_for_input(const sigset_t& let_through) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (signal_that_came == 0) {
    if (::ppoll(&input, 1, nullptr, &let_through) > 0) return true;
    if (errno != EINTR) return true;  // read() will say what is wrong
  }
  return false;
}

// Reads byte by byte: what follows the line belongs to whoever reads next. Nothing when the input ended before it
// began, or a signal came, if there are some to be let through.
std::optional<std::string> read_line(const sigset_t* let_through = nullptr) {
  std::string line;
  char byte = 0;
  for (;;) {
    if (let_through != nullptr && !wait_for_input(*let_through)) return std::nullopt;
    const auto count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0) {
      if (errno == EINTR) continue;
      throw std::runtime_error("standard input cannot be read: " + std::generic_category().message(errno));
    }
    if (count == 0 && line.empty()) return std::nullopt;
    if (count == 0 || byte == '\n') break;
    if (line.size() > most_bytes + 1) break;  // too long already
    line += byte;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// A terminal that shows nothing of what is typed, until it goes.
class silent_terminal {
 public:
  silent_terminal() {
    signal_that_came = 0;
    struct sigaction action {};
    action.sa_handler = [](int number) { signal_that_came = number; };
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int number : signals) sigaddset(&blocked, number);
    ::sigprocmask(SIG_BLOCK, &blocked, &mask_);
    for (std::size_t n = 0; n < signals.size(); ++n) ::sigaction(signals[n], &action, &before_[n]);
    changed_ = ::tcgetattr(STDIN_FILENO, &terminal_) == 0;
    auto silent = terminal_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~silent_terminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
    for (std::size_t n = 0; n < signals.size(); ++n) ::sigaction(signals[n], &before_[n], nullptr);
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;

  // Those to be let through while it is waited for input.
  const sigset_t& mask() const { return mask_; }

 private:
  static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  termios terminal_{};
  bool changed_ = false;
  sigset_t mask_{};  // before
  std::array<struct sigaction, signals.size()> before_{};
};

std::string ask(const std::string& question) {
  std::optional<std::string> answer;
  {
    const silent_terminal silence;  // before the question: who answers it at once is not to be shown, or not heard
    std::fputs(question.c_str(), stderr);
    answer = read_line(&silence.mask());
  }
  std::fputs("\n", stderr);
  if (signal_that_came != 0) ::raise(signal_that_came);  // as if nothing had stood in its way
  if (!answer) throw std::runtime_error("no password was given; nothing is changed");
  return *answer;
}

}  // namespace

std::string ask_for_password(const std::string& user) {
  if (::isatty(STDIN_FILENO) == 0) {
    throw std::runtime_error(
        "standard input is no terminal where a password could be asked for: give one with --password-stdin");
  }
  auto password = ask("Password of " + user + ": ");
  check_password(password);
  if (ask("Once more: ") != password) throw std::runtime_error("the two passwords differ; nothing is changed");
  return password;
}

std::string read_password_line() {
  auto line = read_line();
  if (!line) throw std::runtime_error("standard input has no line with a password; nothing is changed");
  check_password(*line);
  return *line;
}

void check_password(const std::string& password) {
  if (password.empty()) throw std::runtime_error("the password is empty; nothing is changed");
  if (password.size() > most_bytes) throw std::runtime_error("the password is longer than 65535 bytes");
  if (password.find('\0') != std::string::npos) throw std::runtime_error("there is a zero byte in the password");
}

}  // namespace headgate::cli
