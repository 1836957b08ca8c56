#include "cli/stats.hpp"

#include "admin/fields.hpp"

namespace headgate::cli {

namespace {

class json_object {
 public:
  json_object& add(const std::string& name, std::uint64_t value) {
    text_ += (text_.empty() ? "{\"" : ", \"") + name + "\": " + std::to_string(value);
    return *this;
  }
  // The counters of a view, by the names that the API gives them.
  template <class View, std::size_t Count>
  json_object& add_all(const View& view, const admin::field<View> (&fields)[Count], const std::string& prefix = {}) {
    for (const auto& [name, member] : fields) add(prefix + name, view.*member);
    return *this;
  }
  // How many were timed and how long all took together; the buckets are for those who scrape.
  json_object& add_latency(const std::string& name, const base::latency_histogram& histogram) {
    return add(name + "_timed", histogram.total()).add(name + "_sum_us", histogram.sum_us);
  }
  std::string text() const { return text_ + "}"; }

 private:
  std::string text_;
};

}  // namespace

std::string stats_line(const worker::worker_view& worker, const proxy::listener::listener_view& listener,
                       const session_store::embedded::store_thread_view& sessions) {
  const auto& gateway = worker.gateway;
  json_object json;
  json.add("turns", worker.turns)
      .add("publishes_in", gateway.publishes_in_qos0 + gateway.publishes_in_qos1 + gateway.publishes_in_qos2)
      .add("deliveries_out", gateway.deliveries_out_qos0 + gateway.deliveries_out_qos1 + gateway.deliveries_out_qos2)
      .add_all(gateway, admin::gateway_fields)
      .add_latency("acknowledgements", gateway.publish_to_acknowledgement)
      .add_latency("deliveries", gateway.publish_to_delivery)
      .add_all(worker.shard, admin::shard_fields)
      .add_all(listener, admin::socket_fields)
      .add_all(worker.store, admin::store_fields, "sessions_")
      .add_all(sessions, admin::store_thread_fields, "store_");
  for (std::size_t n = 0; n < worker::phases; ++n) {
    json.add(std::string(worker::name_of(static_cast<worker::phase>(n))) + "_ns", worker.phase_ns[n]);
  }
  json.add("idle_ns", worker.idle_ns).add("parcels_waiting", worker.parcels_waiting);
  return json.text();
}

}  // namespace headgate::cli
