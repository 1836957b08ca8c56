#include "base/assert.hpp"
#include "session-store/embedded/keys.hpp"
#include "session-store/embedded/stored_value.hpp"

// Any bytes, as what stands in the database of the embedded store: refused, or encoded to the same bytes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::session_store::embedded;
  const headgate::base::bytes input(data, size);
  const auto text = headgate::base::as_text(input);
  if (const auto value = decode_stored_value(input)) {
    HEADGATE_ASSERT(encode(*value) == text);
    HEADGATE_ASSERT(value->due_ms() <= value->ends_ms);
  } else {
    HEADGATE_ASSERT(!explain(value.error()).empty());
  }
  if (const auto ended_ms = decode_life(input)) HEADGATE_ASSERT(encode_life(*ended_ms) == text);
  if (const auto life = life_of_key(text)) HEADGATE_ASSERT(life_key(*life) == text);
  if (const auto place = place_of_due_key(text)) {
    HEADGATE_ASSERT(due_key(place->life, place->at_ms, place->client_id) == text);
  }
  if (const auto client_id = client_id_of_session_key(text)) HEADGATE_ASSERT(session_key(*client_id) == text);
  return 0;
}
