#pragma once

#include <boost/json/object.hpp>

#include "admin/server.hpp"

namespace headgate::admin {

// As admin/openapi.yaml describes them.
boost::json::object to_json(const proxy::session::client_view& client);
boost::json::object to_json(const proxy::session::client_details& details);
boost::json::object to_json(const broker::shard::topic_view& topic);
boost::json::object to_json(const topic_details& details);
boost::json::object to_json(const measures& measures);

}  // namespace headgate::admin
