#include <boost/json/array.hpp>

#include "admin/fields.hpp"
#include "admin/to_json.hpp"
#include "admin/totals.hpp"

namespace headgate::admin {

namespace json = boost::json;

namespace {

template <class View, std::size_t Count>
json::object fields_of(const View& view, const field<View> (&fields)[Count]) {
  json::object object;
  object.reserve(Count);
  for (const auto& [name, member] : fields) object[name] = view.*member;
  return object;
}

json::object limits_of(const base::limits& limits) {
  return {{"max_packet_bytes", limits.max_packet_bytes},
          {"max_output_bytes", limits.max_output_bytes},
          {"max_inflight", limits.max_inflight},
          {"max_inflight_in", limits.inflight_in},
          {"topic_aliases", limits.topic_aliases},
          {"max_subscriptions", limits.max_subscriptions},
          {"topic_entries", limits.topic_entries},
          {"max_clients", limits.max_clients},
          {"log_memory_bytes", limits.log_memory_bytes},
          {"retained_memory_bytes", limits.retained_memory_bytes},
          {"max_stored_sessions", limits.max_stored_sessions},
          {"max_keep_alive_s", limits.max_keep_alive_s},
          {"connect_timeout_s", limits.connect_timeout_s}};
}

json::object storage_of(const storage_facts& storage) {
  return {{"log", storage.log},
          {"sessions", storage.sessions},
          {"retention_age_s", storage.retention_age_s},
          {"retention_bytes", storage.retention_bytes},
          {"retention_disk_percent", storage.retention_disk_percent},
          {"log_bytes_most", storage.log_bytes_most}};
}

json::array certificates_of(const std::vector<certificate_facts>& certificates) {
  json::array array;
  for (const auto& one : certificates) {
    json::object object{{"listener", one.listener}, {"expires_s", one.expires_s}};
    if (one.crl_expires_s) object["crl_expires_s"] = *one.crl_expires_s;
    array.push_back(std::move(object));
  }
  return array;
}

json::object server_of(const measures& measures) {
  const auto& facts = measures.facts;
  return {{"version", facts.version},
          {"started_ms", facts.started_ms},
          {"listeners", json::array(facts.listeners.begin(), facts.listeners.end())},
          {"certificates", certificates_of(facts.certificates)},
          {"max_clients", facts.max_clients},
          {"log_lines", measures.log_lines},
          {"log_lines_lost", measures.log_lines_lost},
          {"storage", storage_of(facts.storage)},
          {"limits", limits_of(facts.limits)}};
}

json::array buckets_of(const base::latency_histogram& latencies) {
  json::array buckets;
  for (std::size_t bucket = 0; bucket <= base::latency_bounds; ++bucket) {
    json::object object{{"count", latencies.counts[bucket]}};
    if (bucket < base::latency_bounds) object["up_to_us"] = base::latency_bound_us(bucket);
    buckets.push_back(std::move(object));
  }
  return buckets;
}

json::object latency_of(const base::latency_histogram& latencies) {
  return {{"count", latencies.total()}, {"sum_us", latencies.sum_us}, {"buckets", buckets_of(latencies)}};
}

json::array workers_of(const measures& measures) {
  json::array workers;
  for (const auto& [worker, shards, sockets, door] : measures.workers) {
    json::object phases;
    for (std::size_t n = 0; n < worker::phases; ++n) {
      phases[name_of(static_cast<worker::phase>(n))] = worker.phase_ns[n];
    }
    workers.push_back({{"worker", workers.size()},
                       {"turns", worker.turns},
                       {"idle_ns", worker.idle_ns},
                       {"phase_ns", std::move(phases)},
                       {"parcels_waiting", worker.parcels_waiting},
                       {"clients", worker.gateway.clients},
                       {"bytes_in", sockets.bytes_in},
                       {"bytes_out", sockets.bytes_out}});
  }
  return workers;
}

json::array shards_of(const measures& measures) {
  json::array shards;
  const auto& clusters = measures.facts.clusters;
  for (std::size_t id = 0; id < measures.workers.size(); ++id) {
    for (const auto& [shard, view] : measures.workers[id].shards) {
      auto object = fields_of(view, shard_fields);
      object["shard"] = shard.value;
      object["worker"] = id;
      object["cluster"] = shard.value < clusters.size() ? clusters[shard.value] : "";
      shards.push_back(std::move(object));
    }
  }
  return shards;
}

}  // namespace

json::object to_json(const measures& measures) {
  const auto totals = total_of(measures);
  return {{"server", server_of(measures)},
          {"gateway", fields_of(totals.gateway, gateway_fields)},
          {"sockets", fields_of(totals.sockets, socket_fields)},
          {"door", fields_of(totals.door, door_fields)},
          {"hashes", fields_of(measures.hashes, hash_fields)},
          {"store", fields_of(totals.store, store_fields)},
          {"store_thread", fields_of(measures.sessions, store_thread_fields)},
          {"publish_to_acknowledgement", latency_of(totals.gateway.publish_to_acknowledgement)},
          {"publish_to_delivery", latency_of(totals.gateway.publish_to_delivery)},
          {"workers", workers_of(measures)},
          {"shards", shards_of(measures)}};
}

}  // namespace headgate::admin
