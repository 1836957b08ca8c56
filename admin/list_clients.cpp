#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "admin/handlers.hpp"
#include "admin/to_json.hpp"

namespace headgate::admin {

void list_clients(const call& call) {
  using clients = page<proxy::session::client_view>;
  auto request = read_page_request(call);
  if (!request) return;
  call.services->server.list_clients(
      std::move(*request), answer<clients>(call, [](const clients& page) {
        boost::json::array items;
        items.reserve(page.items.size());
        for (const auto& client : page.items) items.push_back(to_json(client));
        const boost::json::object object{{"clients", std::move(items)}, {"next", page.next}};
        return json_response(boost::json::serialize(object));
      }));
}

}  // namespace headgate::admin
