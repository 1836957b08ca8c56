#include <boost/json/serialize.hpp>

#include "admin/handlers.hpp"
#include "admin/to_json.hpp"
#include "mqtt/topic.hpp"

namespace headgate::admin {

void show_topic(const call& call) {
  if (!has_no_query(call)) return;
  if (mqtt::check_topic_name(call.rest) != mqtt::topic_check::good) {
    return call.respond(error_response(
        400, "this is no topic to publish to: it has a wildcard or too many levels; list with ?match= for a filter"));
  }
  call.services->server.show_topic(call.rest, answer<topic_details>(call, [](const topic_details& topic) {
                                     return json_response(boost::json::serialize(to_json(topic)));
                                   }));
}

}  // namespace headgate::admin
