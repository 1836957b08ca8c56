#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

namespace {

void add_endings(families& out, const totals& totals) {
  const auto& gateway = totals.gateway;
  counter(out, "headgate_disconnects_total", "Connections of connected clients that ended, by cause.")
      .add(gateway.ended_by_client, {{"cause", "client"}})
      .add(gateway.ended_by_network, {{"cause", "network"}})
      .add(gateway.ended_by_keep_alive, {{"cause", "keep_alive"}})
      .add(gateway.ended_by_takeover, {{"cause", "takeover"}})
      .add(gateway.ended_by_operator, {{"cause", "operator"}})
      .add(gateway.ended_by_error, {{"cause", "error"}})
      .add(gateway.ended_by_shutdown, {{"cause", "shutdown"}});
  counter(
      out, "headgate_refusals_total",
      "Refused: connections for want of room (too_many_clients) or of a CONNECT in time (connect_timeout), CONNECTs "
      "(connect), and clients closed for what they sent or did not take (malformed).")
      .add(totals.sockets.refused_too_many_clients, {{"reason", "too_many_clients"}})
      .add(gateway.connect_timeouts, {{"reason", "connect_timeout"}})
      .add(gateway.refused_connects, {{"reason", "connect"}})
      .add(gateway.refused_malformed, {{"reason", "malformed"}});
  counter(out, "headgate_connects_refused_total",
          "Refused CONNECTs, as MQTT 5 clients are told why: not their password (password), no user name, a will that "
          "they may not publish or the session of another user (unauthorized), as many passwords being checked as may "
          "be (busy), too many wrong ones from their address (rate), anything else (other).")
      .add(gateway.refused_passwords, {{"reason", "password"}})
      .add(gateway.refused_unauthorized, {{"reason", "unauthorized"}})
      .add(gateway.refused_busy, {{"reason", "busy"}})
      .add(gateway.refused_rate, {{"reason", "rate"}})
      .add(gateway.refused_connects - gateway.refused_passwords - gateway.refused_unauthorized - gateway.refused_busy -
               gateway.refused_rate,
           {{"reason", "other"}});
}

void add_traffic(families& out, const totals& totals) {
  counter(out, "headgate_received_bytes_total", "Bytes from clients, as their sockets gave them.")
      .add(totals.sockets.bytes_in);
  counter(out, "headgate_sent_bytes_total", "Bytes that sockets of clients took.").add(totals.sockets.bytes_out);
  counter(out, "headgate_received_packets_total", "Whole MQTT packets from clients, of all types.")
      .add(totals.gateway.packets_in);
  counter(out, "headgate_sent_packets_total", "MQTT packets to clients, of all types.").add(totals.gateway.packets_out);
  counter(out, "headgate_socket_receives_total", "Calls that read from a client's socket.")
      .add(totals.sockets.receives);
  counter(out, "headgate_socket_sends_total", "Calls that wrote to a client's socket.").add(totals.sockets.sends);
  counter(out, "headgate_socket_sends_partly_taken_total", "Of these, those of which the socket did not take all.")
      .add(totals.sockets.sends_partly_taken);
}

}  // namespace

void add_client_metrics(families& out, const measures& measures, const totals& totals) {
  const auto& gateway = totals.gateway;
  gauge(out, "headgate_clients", "Connected clients.").add(gateway.clients);
  gauge(out, "headgate_clients_max", "Clients that may be connected at once; 0: no limit but descriptors.")
      .add(measures.facts.max_clients);
  counter(out, "headgate_connections_total", "Accepted connections.").add(gateway.connections_accepted);
  counter(out, "headgate_connects_total", "CONNECTs answered with success.").add(gateway.connects);
  counter(out, "headgate_accepts_paused_total", "Times a listener stopped to accept since no descriptor was free.")
      .add(totals.sockets.accepts_paused);
  counter(out, "headgate_takeovers_total", "Sessions that a client lost to another connection with its client id.")
      .add(gateway.takeovers);
  counter(out, "headgate_takeovers_forced_total", "Sessions taken from a holder that did not answer.")
      .add(gateway.takeovers_forced);
  add_endings(out, totals);
  add_traffic(out, totals);
}

}  // namespace headgate::admin
