#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

// Internal to net/: how long a client says that its ClientHello will be.
namespace headgate::net {

// Follows what a client sends in the clear, in records and messages that may be cut anywhere (RFC 8446, 4 and 5.1),
// until its hello is answered. OpenSSL takes memory for all of a message, up to 128 KB of a hello, as soon as it has
// read the message's length.
class tls_hello_watch {
 public:
  // Before OpenSSL is given them. False: a hello longer than base::tls_hello_bytes is announced.
  bool take(base::bytes data);
  // A message of ours: after a ServerHello nothing is in the clear, unless it asks for another hello
  // (HelloRetryRequest).
  void answered(base::bytes message);
  void stop() { is_over_ = true; }

 private:
  template <std::size_t Size>
  struct header {
    std::array<std::uint8_t, Size> bytes{};
    std::uint8_t size = 0;

    // Takes its own from the front of `data`; true: it is whole, and the next call begins another one.
    bool fill(base::bytes& data);
  };

  bool take_messages(base::bytes data);

  bool is_over_ = false;
  header<5> record_;
  header<4> message_;
  std::uint32_t record_left_ = 0;
  std::uint32_t message_left_ = 0;
};

}  // namespace headgate::net
