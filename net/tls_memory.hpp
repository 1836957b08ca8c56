#pragma once

namespace headgate::net {

// Gives OpenSSL its large buffers, of a record (17 KB) and of the messages of a handshake (21 KB), from pages of their
// own, which go back to the system when they are not used again soon. On the heap they would lie between what
// connections keep for long: after a storm of handshakes an idle client would take a kilobyte more (measured).
//
// To be called once, before anything else uses OpenSSL; later it does nothing and returns false. What it gives is taken
// from and given back by any thread.
bool use_pages_for_tls_records();

}  // namespace headgate::net
