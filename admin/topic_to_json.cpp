#include <boost/json/array.hpp>

#include "admin/to_json.hpp"

namespace headgate::admin {

boost::json::object to_json(const broker::shard::topic_view& topic) {
  return {{"topic", topic.topic}, {"routes", topic.routes}, {"wildcard_routes", topic.wildcard_routes}};
}

boost::json::object to_json(const topic_details& details) {
  boost::json::array filters;
  for (const auto& each : details.filters) {
    filters.push_back({{"filter", each.filter}, {"subscribers", each.subscribers}});
  }
  boost::json::object object{{"topic", details.topic},
                             {"slot", details.slot},
                             {"cluster", details.cluster},
                             {"shard", details.shard},
                             {"known", details.known},
                             {"routes", details.known ? details.view.routes : 0},
                             {"wildcard_routes", details.known ? details.view.wildcard_routes : 0}};
  if (details.retained.present) {
    object["retained"] = {{"payload_bytes", details.retained.payload_bytes},
                          {"qos", details.retained.qos},
                          {"stored_ms", details.retained.stored_ms}};
  } else {
    object["retained"] = nullptr;
  }
  object["filters"] = std::move(filters);
  return object;
}

}  // namespace headgate::admin
