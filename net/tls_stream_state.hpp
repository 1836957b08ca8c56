#pragma once

#include <string>

#include "net/tls_handles.hpp"
#include "net/tls_socket.hpp"
#include "net/tls_stream.hpp"

// Internal to net/.
namespace headgate::net {

struct tls_stream::state {
  std::shared_ptr<const tls_context> context;  // outlives the connection, which looks up names there
  tls_socket socket;                           // the same
  connection_handle connection;
  bool is_server = false;
  bool established = false;
  bool failed = false;   // OpenSSL wants no further call
  bool drained = false;  // what is left here is the beginning of a record whose end has not come
  bool receive_wants_write = false;
  std::uint32_t records_without_data = 0;  // of the last call of receive()
  std::string failure{};

  // Remembers the first failure.
  void fail(int ssl_error);
  // After bytes of data: too many records before them are a failure.
  void count_data();
  // A client's: gives back what a session ticket left allocated.
  void release_idle_buffers();
  // What a call of receive() or send() that did not succeed comes to.
  io_outcome outcome_of(int ssl_error);
  // What they come to once the connection has failed.
  io_outcome end() const;
};

}  // namespace headgate::net
