#include <algorithm>
#include <string>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/duration_text.hpp"
#include "base/printable.hpp"
#include "base/utf8_character.hpp"
#include "mqtt/utf8.hpp"
#include "proxy/auth/network_of.hpp"
#include "proxy/auth/user_name.hpp"

namespace {

using namespace headgate;

// By RFC 3629 character by character, as the standard words it.
mqtt::text_check naive_check(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == '\0') return mqtt::text_check::has_nul;
    const auto size = base::utf8_character_bytes(text);
    if (size == 0) return mqtt::text_check::not_utf8;
    text.remove_prefix(size);
  }
  return mqtt::text_check::good;
}

}  // namespace

// What is read of a few words only, from files, the command line and packets: UTF-8, times, addresses, names.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::bytes input(data, size);
  const auto text = base::as_text(input);

  HEADGATE_ASSERT(mqtt::check_utf8(input) == naive_check(text));

  for (const std::size_t most : {std::size_t{20}, std::string_view::npos}) {
    const auto shown = base::printable(text, most);
    HEADGATE_ASSERT(mqtt::check_utf8(base::as_bytes(shown)) == mqtt::text_check::good);
    HEADGATE_ASSERT(std::none_of(shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
    HEADGATE_ASSERT(base::printable(shown) == shown);
  }

  constexpr std::uint64_t longest_ns = 1'000'000'000'000'000'000;
  if (const auto time = base::parse_duration(text)) {
    HEADGATE_ASSERT(*time <= longest_ns && text.front() != '-' && text.front() != '+');
  }

  HEADGATE_ASSERT(proxy::auth::network_of(text) != 0);
  HEADGATE_ASSERT(proxy::auth::network_of(text) == proxy::auth::network_of(std::string(text)));

  if (proxy::auth::explain_user_name(text).empty()) {
    HEADGATE_ASSERT(!text.empty() && naive_check(text) == mqtt::text_check::good);
    HEADGATE_ASSERT(text.find_first_of(":\n\r") == std::string_view::npos);
  }
  return 0;
}
