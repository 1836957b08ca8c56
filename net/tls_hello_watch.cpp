#include "net/tls_hello_watch.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace headgate::net {

namespace {

constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t client_hello = 1;
constexpr std::uint8_t server_hello = 2;

// What stands for the random of a ServerHello that asks for another hello begins so (RFC 8446, 4.1.3): behind the head
// of the message, four bytes, and the version, two.
constexpr std::array<std::uint8_t, 8> retry_random{0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11};
constexpr std::size_t random_at = 6;

bool asks_again(base::bytes hello) {
  return hello.size() >= random_at + retry_random.size() &&
         std::equal(retry_random.begin(), retry_random.end(), hello.begin() + random_at);
}

base::bytes take_front(base::bytes& data, std::size_t at_most) {
  const auto front = data.first(std::min(data.size(), at_most));
  data = data.subspan(front.size());
  return front;
}

}  // namespace

template <std::size_t Size>
bool tls_hello_watch::header<Size>::fill(base::bytes& data) {
  const auto part = take_front(data, Size - size);
  std::copy(part.begin(), part.end(), bytes.begin() + size);
  size = static_cast<std::uint8_t>(size + part.size());
  if (size < Size) return false;
  size = 0;
  return true;
}

bool tls_hello_watch::take(base::bytes data) {
  while (!is_over_ && !data.empty()) {
    if (record_left_ == 0) {
      if (record_.fill(data)) record_left_ = static_cast<std::uint32_t>(record_.bytes[3] << 8 | record_.bytes[4]);
      continue;
    }
    const auto part = take_front(data, record_left_);
    record_left_ -= static_cast<std::uint32_t>(part.size());
    if (record_.bytes[0] == handshake_record && !take_messages(part)) return false;
  }
  return true;
}

bool tls_hello_watch::take_messages(base::bytes data) {
  while (!data.empty()) {
    if (message_left_ > 0) {
      message_left_ -= static_cast<std::uint32_t>(take_front(data, message_left_).size());
      continue;
    }
    if (!message_.fill(data)) break;
    const auto& head = message_.bytes;
    message_left_ = static_cast<std::uint32_t>(head[1] << 16 | head[2] << 8 | head[3]);
    if (head[0] == client_hello && message_left_ > base::tls_hello_bytes) return false;
  }
  return true;
}

void tls_hello_watch::answered(base::bytes message) {
  if (!message.empty() && message[0] == server_hello && !asks_again(message)) stop();
}

}  // namespace headgate::net
