#pragma once

namespace headgate::net {

// Gives OpenSSL the buffers of TLS records, some 17 KB each, from pages of their own, which go back to the system when
// they are not used again soon. On the heap they would lie between what connections keep for long: after a storm of
// handshakes, each with two of them, an idle client would take a kilobyte more (measured).
//
// To be called once, before anything else uses OpenSSL; later it does nothing and returns false. What it gives is taken
// from and given back by any thread.
bool use_pages_for_tls_records();

}  // namespace headgate::net
