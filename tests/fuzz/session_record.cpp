#include "session-store/session_record.hpp"

#include "base/assert.hpp"

// Any bytes, as a stored session and as a stored will: refused, or encoded to the same bytes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::session_store;
  const headgate::base::bytes input(data, size);
  const auto text = headgate::base::as_text(input);
  if (const auto record = decode_session_record(input)) {
    const auto again = encode(*record);
    HEADGATE_ASSERT(again == text || text.front() == 1);  // of the version before
    const auto repeated = decode_session_record(headgate::base::as_bytes(again));
    HEADGATE_ASSERT(repeated && *repeated == *record);
  } else {
    HEADGATE_ASSERT(!explain(record.error()).empty());
  }
  if (const auto will = decode_stored_will(input)) {
    const auto again = encode(*will);
    HEADGATE_ASSERT(again == text || text.front() == 1);
    const auto repeated = decode_stored_will(headgate::base::as_bytes(again));
    HEADGATE_ASSERT(repeated && *repeated == *will);
  }
  return 0;
}
