#include <boost/json/array.hpp>

#include "admin/to_json.hpp"

namespace headgate::admin {

namespace {

const char* protocol_name(std::uint8_t version) {
  switch (version) {
    case 3:
      return "3.1";
    case 4:
      return "3.1.1";
    default:
      return "5.0";
  }
}

}  // namespace

boost::json::object to_json(const proxy::session::client_view& client) {
  return {{"id", client.id},
          {"user_name", client.user_name},
          {"address", client.address},
          {"listener", client.listener},
          {"protocol", protocol_name(client.protocol_version)},
          {"bridge", client.bridge},
          {"keep_alive_s", client.keep_alive_s},
          {"session_expiry_s", client.session_expiry_s},
          {"connected_s", client.connected_s},
          {"silent_s", client.silent_s},
          {"subscriptions", client.subscriptions},
          {"inflight", client.inflight},
          {"window", client.window},
          {"waiting", client.waiting},
          {"unanswered", client.unanswered},
          {"output_pending_bytes", client.output_pending_bytes},
          {"behind", client.behind},
          {"has_will", client.has_will}};
}

boost::json::object to_json(const proxy::session::client_details& details) {
  boost::json::array subscriptions;
  for (const auto& each : details.subscriptions) {
    subscriptions.push_back({{"filter", each.filter},
                             {"qos", each.qos},
                             {"no_local", each.no_local},
                             {"retain_as_published", each.retain_as_published},
                             {"identifier", each.identifier}});
  }
  boost::json::array positions;
  for (const auto& each : details.positions) {
    positions.push_back(
        {{"shard", each.shard}, {"next", each.next}, {"streamed", each.streamed}, {"behind", each.behind}});
  }
  return {{"client", to_json(details.client)},
          {"subscriptions", std::move(subscriptions)},
          {"positions", std::move(positions)}};
}

}  // namespace headgate::admin
