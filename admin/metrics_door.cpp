#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

void add_door_metrics(families& out, const measures& measures, const totals& totals) {
  const auto& sockets = totals.sockets;
  counter(out, "headgate_tls_handshakes_total", "TLS handshakes that ended, by how.")
      .add(sockets.handshakes_full, {{"result", "full"}})
      .add(sockets.handshakes_resumed, {{"result", "resumed"}})
      .add(sockets.handshakes_failed, {{"result", "failed"}})
      .add(sockets.handshakes_timed_out, {{"result", "timed_out"}})
      .add(sockets.handshakes_gave_way, {{"result", "gave_way"}});
  gauge(out, "headgate_tls_handshakes", "TLS handshakes in progress.").add(sockets.handshakes_now);
  gauge(out, "headgate_tls_clients", "Connections with TLS whose handshake is done.").add(sockets.tls_clients_now);
  const auto& hashes = measures.hashes;
  counter(out, "headgate_password_hashes_total", "Password hashes that were computed.").add(hashes.computed);
  counter(out, "headgate_password_hash_seconds_total", "What they took, of all threads of the pool.")
      .add(static_cast<double>(hashes.busy_us) / 1e6);
  gauge(out, "headgate_passwords_waiting", "Passwords that wait for a thread of the pool.").add(hashes.waiting);
  counter(out, "headgate_passwords_spared_total",
          "Passwords answered without a hash of their own: known from a moment ago (memory), or by the hash of another "
          "client that asked the same at that time (together).")
      .add(totals.door.answered_from_memory, {{"by", "memory"}})
      .add(totals.door.answered_together, {{"by", "together"}});
}

}  // namespace headgate::admin
