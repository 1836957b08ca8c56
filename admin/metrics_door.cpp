#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

namespace {

void add_ends(families& out, const std::vector<certificate_facts>& certificates) {
  auto certificate = gauge(out, "headgate_certificate_expiry_timestamp_seconds",
                           "When the first of a listener's certificates, or of their chains, ends, since unix epoch.");
  for (const auto& one : certificates) certificate.add(one.expires_s, {{"listener", one.listener}});
  auto list =
      gauge(out, "headgate_crl_expiry_timestamp_seconds",
            "By when the first of a listener's lists of revoked certificates is to be renewed, since unix epoch.");
  for (const auto& one : certificates) {
    if (one.crl_expires_s) list.add(*one.crl_expires_s, {{"listener", one.listener}});
  }
}

}  // namespace

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
  add_ends(out, measures.facts.certificates);
}

}  // namespace headgate::admin
