#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "net/certificate_pair.hpp"

namespace headgate::cli {

// The directory that `headgate cert dev` fills: an authority (ca.pem, ca.key) and what it signs (NAME.pem, NAME.key).
// What is there and still good is kept, so that clients and servers that have it go on. All of these throw
// std::runtime_error with a sentence that names the file.
class development_directory {
 public:
  // What became of a pair.
  struct outcome {
    enum class kind : std::uint8_t { made, kept, replaced } what = kind::made;
    std::string why{};  // of replaced: "it had expired"
    net::pair_facts facts{};
  };

  // Makes the directory if it is not there. `now_s`: since 1970.
  development_directory(std::filesystem::path path, std::int64_t now_s);

  // The one that is there, or a new one, valid for so many days. One that is damaged or has expired is an error.
  outcome authority(std::uint32_t days);

  // After authority(). A pair of this name that it has signed, that is whole and has not expired stays, unless `anew`;
  // another one is replaced, and stays beside it with ".old" behind its names.
  template <class Make>
  outcome pair(const std::string& name, bool anew, Make make) {
    auto found = look(name, anew);
    if (found.what == outcome::kind::kept) return found;
    const net::certificate_pair made = make(authority_);
    write_pair(name, made);
    found.facts = net::facts_of(made);
    return found;
  }

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  outcome look(const std::string& name, bool anew) const;
  net::certificate_pair read_pair(const std::string& name) const;
  void write_pair(const std::string& name, const net::certificate_pair& pair) const;

  std::filesystem::path path_;
  std::int64_t now_s_;
  net::certificate_pair authority_;
};

}  // namespace headgate::cli
