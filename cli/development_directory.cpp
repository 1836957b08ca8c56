#include "cli/development_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "net/descriptor.hpp"
#include "net/development_certificates.hpp"

namespace headgate::cli {

namespace {

namespace fs = std::filesystem;

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

// It stays under another name as well.
void set_aside(const fs::path& file) {
  if (!fs::exists(file)) return;
  const auto old = file.string() + ".old";
  ::unlink(old.c_str());
  if (::link(file.c_str(), old.c_str()) != 0) throw cannot("written", old);
}

}  // namespace

development_directory::development_directory(fs::path path, std::int64_t now_s)
    : path_(std::move(path)), now_s_(now_s) {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) throw std::runtime_error(path_.string() + " cannot be made: " + error.message());
}

development_directory::outcome development_directory::authority(std::uint32_t days) {
  if (!fs::exists(path_ / "ca.pem") && !fs::exists(path_ / "ca.key")) {
    authority_ = net::make_authority("Headgate development authority", days);
    write_pair("ca", authority_);
    return {outcome::kind::made, {}, net::facts_of(authority_)};
  }
  authority_ = read_pair("ca");
  const outcome found{outcome::kind::kept, {}, net::facts_of(authority_)};
  const auto instead = ": put back what was there, or move " + file("ca.pem") + " and " + file("ca.key") +
                       " away for a new authority, which clients then have to be given";
  switch (found.facts.fault) {
    case net::pair_fault::none:
      break;
    case net::pair_fault::certificate:
      throw std::runtime_error(file("ca.pem") + " is damaged" + instead);
    case net::pair_fault::key:
      throw std::runtime_error(file("ca.key") + " is damaged" + instead);
    case net::pair_fault::mismatch:
      throw std::runtime_error(file("ca.key") + " is not the key of " + file("ca.pem") + instead);
  }
  if (found.facts.ends_s <= now_s_) {
    throw std::runtime_error(file("ca.pem") + " has expired (" + found.facts.ends +
                             "), so nobody takes what it signs: move " + file("ca.pem") + " and " + file("ca.key") +
                             " away for a new authority, which clients then have to be given");
  }
  return found;
}

development_directory::outcome development_directory::look(const std::string& name, bool anew) const {
  if (!fs::exists(path_ / (name + ".pem")) && !fs::exists(path_ / (name + ".key"))) return {};
  outcome found{outcome::kind::replaced, {}, {}};
  if (!fs::exists(path_ / (name + ".pem")) || !fs::exists(path_ / (name + ".key"))) {
    found.why = "one of its two files was missing";
    return found;
  }
  const auto there = read_pair(name);
  found.facts = net::facts_of(there);
  if (anew) {
    found.why = "--name was given";
  } else if (found.facts.fault != net::pair_fault::none) {
    found.why = found.facts.fault == net::pair_fault::mismatch ? "its key was another's" : "it was damaged";
  } else if (!net::has_signed(authority_, there)) {
    found.why = "another authority had signed it";
  } else if (found.facts.ends_s <= now_s_) {
    found.why = "it had expired";
  } else {
    found.what = outcome::kind::kept;
  }
  return found;
}

net::certificate_pair development_directory::read_pair(const std::string& name) const {
  return {read(path_ / (name + ".pem")), read(path_ / (name + ".key"))};
}

void development_directory::write_pair(const std::string& name, const net::certificate_pair& pair) const {
  for (const auto* end : {".key", ".pem"}) set_aside(path_ / (name + end));
  write(path_ / (name + ".key"), pair.key, 0600);
  write(path_ / (name + ".pem"), pair.certificate, 0644);
}

}  // namespace headgate::cli
