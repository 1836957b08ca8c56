#include "admin/metric_builder.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

void add_session_metrics(families& out, const measures& measures, const totals& totals) {
  const auto& gateway = totals.gateway;
  // One that waits in one shard may be behind in another: it counts as both, and only live ones are all others.
  const auto busy = gateway.sessions_waiting + gateway.sessions_behind;
  gauge(out, "headgate_sessions",
        "Sessions by stage: of connected clients those that get messages at once (live), that have messages waiting "
        "since their window or output is full (waiting), that read the log (behind); and those without a connection "
        "(stored).")
      .add(gateway.clients > busy ? gateway.clients - busy : 0, {{"stage", "live"}})
      .add(gateway.sessions_waiting, {{"stage", "waiting"}})
      .add(gateway.sessions_behind, {{"stage", "behind"}})
      .add(totals.store.kept, {{"stage", "stored"}});
  gauge(out, "headgate_sessions_stored_max", "Sessions without a connection that are kept at most; 0: no limit.")
      .add(std::uint64_t{measures.facts.limits.max_stored_sessions} * measures.workers.size());
  gauge(out, "headgate_store_sessions", "Sessions in the session store, with a connection (held) or without (kept).")
      .add(totals.store.held, {{"state", "held"}})
      .add(totals.store.kept, {{"state", "kept"}});
  counter(out, "headgate_sessions_resumed_total", "Sessions that a client came back to.").add(gateway.sessions_resumed);
  counter(out, "headgate_sessions_not_kept_total", "Sessions that ended with their connection as the store was full.")
      .add(totals.store.not_kept);
  counter(out, "headgate_sessions_unreadable_total", "Sessions and wills in the store that could not be decoded.")
      .add(gateway.stored_unreadable);
  counter(out, "headgate_sessions_checkpoints_total",
          "Times a session was stored because its client had acknowledged something: once a second at most.")
      .add(gateway.checkpoints);
  counter(out, "headgate_sessions_waits_total", "Times a session began to wait for room in its window or output.")
      .add(gateway.waiting);
  counter(out, "headgate_sessions_catch_ups_total", "Times a session fell back to reading the log.")
      .add(gateway.catching_up);
  gauge(out, "headgate_subscriptions", "Subscriptions of connected clients, those to shared filters included.")
      .add(gateway.subscriptions);
  gauge(out, "headgate_shared_subscriptions", "Subscriptions of connected clients to $share filters.")
      .add(gateway.shared_subscriptions);
  gauge(out, "headgate_filters",
        "Filters, each once a worker that has a subscriber: the routes by which shards find workers.")
      .add(gateway.filters);
}

}  // namespace headgate::admin
