#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "admin/handlers.hpp"
#include "admin/to_json.hpp"
#include "mqtt/topic.hpp"

namespace headgate::admin {

void list_topics(const call& call) {
  using topics = page<broker::shard::topic_view>;
  auto request = read_page_request(call);
  if (!request) return;
  const auto& filter = request->match;
  if (!filter.empty() && (!mqtt::is_valid_topic_filter(filter) || mqtt::is_shared_filter(filter))) {
    return call.respond(error_response(
        400,
        "match is no topic filter: '+' stands alone in its level and '#' alone in the last one, and the filter of "
        "a shared subscription is what follows its name; encode '#' as %23"));
  }
  call.services->server.list_topics(
      std::move(*request), answer<topics>(call, [](const topics& page) {
        boost::json::array items;
        items.reserve(page.items.size());
        for (const auto& topic : page.items) items.push_back(to_json(topic));
        const boost::json::object object{{"topics", std::move(items)}, {"next", page.next}};
        return json_response(boost::json::serialize(object));
      }));
}

}  // namespace headgate::admin
