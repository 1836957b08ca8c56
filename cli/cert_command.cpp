#include "cli/cert_command.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "net/descriptor.hpp"
#include "net/development_certificates.hpp"
#include "net/socket_address.hpp"

namespace headgate::cli {

namespace {

namespace fs = std::filesystem;

// Ten years: nobody wants to find in the night that the authority of a test network has ended.
constexpr std::uint32_t authority_days = 3650;
constexpr std::uint32_t default_days = 825;

struct dev_options {
  std::string directory = "certs";
  std::vector<std::string> names;
  std::vector<std::string> clients;
  std::uint32_t days = default_days;
};

std::runtime_error cannot(const std::string& what, const fs::path& file) {
  return std::runtime_error(file.string() + " cannot be " + what + ": " + std::generic_category().message(errno));
}

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw cannot("read", file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Whole or not at all: the text stands in a new file that takes the place of the old one. A key is its owner's alone
// from the first moment on.
void write(const fs::path& file, const std::string& text, mode_t mode) {
  const auto next = fs::path(file.string() + ".new");
  ::unlink(next.c_str());
  const net::descriptor out(::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!out) throw cannot("written", next);
  std::size_t written = 0;
  while (written < text.size()) {
    const auto count = ::write(out.get(), text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw cannot("written", next);
    written += static_cast<std::size_t>(count);
  }
  if (::fsync(out.get()) != 0 || ::rename(next.c_str(), file.c_str()) != 0) throw cannot("written", file);
}

void write_pair(const fs::path& directory, const std::string& name, const net::certificate_pair& pair) {
  write(directory / (name + ".key"), pair.key, 0600);
  write(directory / (name + ".pem"), pair.certificate, 0644);
}

// The one that is there, so that what it has signed stays good, or a new one.
net::certificate_pair authority_in(const fs::path& directory, bool* is_new) {
  const auto certificate = directory / "ca.pem";
  const auto key = directory / "ca.key";
  *is_new = !fs::exists(certificate) && !fs::exists(key);
  if (!*is_new) return {read(certificate), read(key)};
  const auto made = net::make_authority("Headgate development authority", authority_days);
  write_pair(directory, "ca", made);
  return made;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::vector<std::string> default_names() {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  const auto own = host_name();
  if (!own.empty() && own != "localhost" && own.find('_') == std::string::npos) names.push_back(own);
  return names;
}

// It names two files.
void check_client_name(const std::string& name) {
  const bool is_taken = name == "ca" || name == "server";
  if (name.empty() || is_taken || name.front() == '.' || name.find('/') != std::string::npos) {
    throw std::runtime_error("--client '" + name + "' does not name a file: take letters, digits and '-'" +
                             (is_taken ? ", and another name, since that is the name of other files" : ""));
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void say_what_was_made(const dev_options& options, bool is_new) {
  const auto file = [&](const std::string& name) { return (fs::path(options.directory) / name).string(); };
  std::printf("%s an authority (%s), and a server certificate for %s (%s), valid for %u days.\n",
              is_new ? "Made" : "Used", file("ca.pem").c_str(), joined(options.names).c_str(),
              file("server.pem").c_str(), options.days);
  std::printf("For development and closed networks: whoever has %s can pass for any server or client of yours.\n\n",
              file("ca.key").c_str());
  std::printf("A TLS listener:\n  headgate serve --set listeners.tls.transport=tls --set listeners.tls.port=8883 \\\n");
  std::printf("    --set listeners.tls.certificate=%s --set listeners.tls.key=%s\n", file("server.pem").c_str(),
              file("server.key").c_str());
  const auto host = options.names.front();
  std::printf("\nA client:\n  mosquitto_sub -h %s -p 8883 --cafile %s -t '#' -v\n", host.c_str(),
              file("ca.pem").c_str());
  if (options.clients.empty()) return;
  std::printf("\nClients with certificates, where the listener has client_certificate: required and client_ca: %s:\n",
              file("ca.pem").c_str());
  for (const auto& client : options.clients) {
    std::printf("  mosquitto_sub -h %s -p 8883 --cafile %s --cert %s --key %s -t '#' -v\n", host.c_str(),
                file("ca.pem").c_str(), file(client + ".pem").c_str(), file(client + ".key").c_str());
  }
}

int make_development_certificates(dev_options options) {
  if (options.names.empty()) options.names = default_names();
  for (const auto& client : options.clients) check_client_name(client);
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) throw std::runtime_error(options.directory + " cannot be made: " + error.message());
  bool is_new = false;
  const auto authority = authority_in(options.directory, &is_new);
  write_pair(options.directory, "server", net::make_server_certificate(authority, options.names, options.days));
  for (const auto& client : options.clients) {
    write_pair(options.directory, client, net::make_client_certificate(authority, client, options.days));
  }
  say_what_was_made(options, is_new);
  return done;
}

}  // namespace

void add_cert_command(CLI::App& app, command_line& line) {
  auto* command = app.add_subcommand("cert", "Makes certificates for development");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  headgate cert dev\n"
      "  headgate cert dev --name broker.example.com --client pump-7");
  const auto options = std::make_shared<dev_options>();
  auto* dev = command->add_subcommand(
      "dev", "Makes an authority, unless the directory has one, a server certificate, and some for clients");
  dev->add_option("--directory", options->directory, "Where the files go")->capture_default_str();
  dev->add_option("--name", options->names,
                  "A host name or address by which clients reach the server; may come again. Default: localhost, its "
                  "addresses, and this machine's name")
      ->allow_extra_args(false);
  dev->add_option("--client", options->clients, "The name of a client that gets a certificate; may come again")
      ->allow_extra_args(false);
  dev->add_option("--days", options->days, "How long certificates are valid")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  dev->callback([options, &line] { line.run = [options] { return make_development_certificates(*options); }; });
}

}  // namespace headgate::cli
