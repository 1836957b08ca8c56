#include <algorithm>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "proxy/auth/password_edit.hpp"
#include "proxy/auth/password_file.hpp"
#include "proxy/auth/user_name.hpp"

// A password file is read, or refused with the number of each wrong line; what was read is written so again; a change
// leaves the others as they were.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::proxy::auth;
  const auto text = headgate::base::as_text(headgate::base::bytes(data, size));
  const auto parsed = parse_password_file(text);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  std::size_t before = 0;
  for (const auto& error : parsed.errors) {
    HEADGATE_ASSERT(error.line > before && error.line <= lines && !error.sentence.empty());
    before = error.line;
  }
  for (const auto& [name, hash] : parsed.file.users) {
    HEADGATE_ASSERT(explain_user_name(name).empty());
    HEADGATE_ASSERT(hash.iterations <= max_iterations && hash.hash.size() == 64 && !hash.salt.empty());
    const auto again = parse_password_hash(to_text(hash));
    HEADGATE_ASSERT(again && *again == hash);
  }
  const password_hash hash{.iterations = 1, .salt = "salt", .hash = std::string(64, 'h')};
  const auto more = with_user(text, "zoe", hash);
  const auto with_zoe = parse_password_file(more);
  HEADGATE_ASSERT(has_user(more, "zoe") && with_zoe.file.users.at("zoe") == hash);
  const auto fewer = without_user(more, "zoe");
  HEADGATE_ASSERT(fewer && !has_user(*fewer, "zoe"));
  auto others = parsed.file.users;
  others.erase("zoe");
  HEADGATE_ASSERT(parse_password_file(*fewer).file.users == others);
  return 0;
}
