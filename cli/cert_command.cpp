#include "cli/cert_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/development_directory.hpp"
#include "net/development_certificates.hpp"

namespace headgate::cli {

namespace {

// Ten years: nobody wants to find in the night that the authority of a test network has ended.
constexpr std::uint32_t authority_days = 3650;
constexpr std::uint32_t default_days = 825;

struct dev_options {
  std::string directory = "certs";
  std::vector<std::string> names;
  std::vector<std::string> clients;
  std::uint32_t days = default_days;
};

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::vector<std::string> default_names() {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  const auto own = host_name();
  if (!own.empty() && own != "localhost") names.push_back(own);
  return names;
}

// It names two files, and is a common name.
void check_client_name(const std::string& name) {
  const auto said = "--client '" + name + "' ";
  if (name == "ca" || name == "server") {
    throw std::runtime_error(said + "is the name of other files: take another name");
  }
  const bool has_others = std::ranges::any_of(name, [](unsigned char letter) {
    const bool is_plain = std::isalnum(letter) != 0 || letter == '-' || letter == '_' || letter == '.';
    return letter > 126 || !is_plain;
  });
  if (name.empty() || has_others || name.front() == '-' || name.front() == '.') {
    throw std::runtime_error(said +
                             "does not name a file: take letters, digits, '-', '_' and '.', and neither '-' nor "
                             "'.' first");
  }
  if (name.size() > net::longest_common_name) {
    throw std::runtime_error(said + "is too long: a certificate has room for " +
                             std::to_string(net::longest_common_name) + " characters");
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

using outcome = development_directory::outcome;

// "Kept the", "Made an".
std::string begin_of_sentence(outcome::kind what, char first_letter) {
  switch (what) {
    case outcome::kind::made:
      return first_letter == 'a' ? "Made an" : "Made a";
    case outcome::kind::kept:
      return "Kept the";
    case outcome::kind::replaced:
      return "Replaced the";
  }
  return {};
}

// "Kept the server certificate for localhost (certs/server.pem), valid until ...".
void say(const std::string& what, const std::string& file, const outcome& one, const std::string& of_kept = {}) {
  auto sentence =
      begin_of_sentence(one.what, what.front()) + " " + what + " (" + file + "), valid until " + one.facts.ends;
  if (one.what == outcome::kind::kept) sentence += of_kept;
  if (one.what == outcome::kind::replaced) sentence += ": " + one.why + "; what was there is " + file + ".old now";
  std::printf("%s.\n", sentence.c_str());
}

void say_how_to_use(const dev_options& options, const development_directory& directory, const std::string& host) {
  const auto file = [&](const std::string& name) { return directory.file(name); };
  std::printf("For development and closed networks: whoever has %s can pass for any server or client of yours.\n\n",
              file("ca.key").c_str());
  std::printf("A TLS listener:\n  headgate serve --set listeners.tls.transport=tls --set listeners.tls.port=8883 \\\n");
  std::printf("    --set listeners.tls.certificate=%s --set listeners.tls.key=%s\n", file("server.pem").c_str(),
              file("server.key").c_str());
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

// Clients verify both, so the end of the authority is the end of what it signed.
void warn_of_early_end(const development_directory& directory, const outcome& authority,
                       const std::vector<outcome>& issued) {
  const bool ends_first =
      std::ranges::any_of(issued, [&](const outcome& one) { return one.facts.ends_s > authority.facts.ends_s; });
  if (!ends_first) return;
  std::fprintf(stderr,
               "headgate: the authority %s ends on %s, before what it signed: from then on nobody takes any of that\n",
               directory.file("ca.pem").c_str(), authority.facts.ends.c_str());
}

int make_development_certificates(dev_options options) {
  const bool is_named = !options.names.empty();
  if (!is_named) options.names = default_names();
  for (const auto& client : options.clients) check_client_name(client);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  development_directory directory(options.directory, std::chrono::duration_cast<std::chrono::seconds>(now).count());
  const auto authority = directory.authority(authority_days);
  std::vector<outcome> issued;
  issued.push_back(directory.pair("server", is_named, [&](const auto& signer) {
    return net::make_server_certificate(signer, options.names, options.days);
  }));
  const auto server_names = issued.front().facts.names;
  say("authority", directory.file("ca.pem"), authority);
  say("server certificate for " + joined(server_names), directory.file("server.pem"), issued.front(),
      "; --name makes another one");
  for (const auto& client : options.clients) {
    issued.push_back(directory.pair(
        client, false, [&](const auto& signer) { return net::make_client_certificate(signer, client, options.days); }));
    say("certificate for the client " + client, directory.file(client + ".pem"), issued.back());
  }
  std::fflush(stdout);
  warn_of_early_end(directory, authority, issued);
  say_how_to_use(options, directory, server_names.empty() ? options.names.front() : server_names.front());
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
  auto* dev = command->add_subcommand("dev",
                                      "Makes an authority, a server certificate, and some for clients; what the "
                                      "directory has is kept while it is good");
  dev->add_option("--directory", options->directory, "Where the files go")->capture_default_str();
  dev->add_option("--name", options->names,
                  "A host name or address by which clients reach the server; may come again. Default: localhost, its "
                  "addresses, and this machine's name; if it is given, a server certificate that is there is replaced")
      ->allow_extra_args(false);
  dev->add_option("--client", options->clients, "The name of a client that gets a certificate; may come again")
      ->allow_extra_args(false);
  dev->add_option("--days", options->days, "How long new certificates are valid")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  dev->callback([options, &line] { line.run = [options] { return make_development_certificates(*options); }; });
}

}  // namespace headgate::cli
