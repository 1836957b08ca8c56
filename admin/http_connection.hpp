#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <unordered_set>

#include "admin/handlers.hpp"
#include "admin/http_listener.hpp"

namespace headgate::admin {

class http_connection;

// What all connections of a listener share. On the service thread.
struct http_shared {
  std::string bind;
  http_limits limits;
  std::shared_ptr<admin::services> services;
  std::unordered_set<http_connection*> connections;
};

// Serves one accepted connection until it ends. It holds itself while it waits for something.
void serve_connection(boost::asio::ip::tcp::socket socket, const std::shared_ptr<http_shared>& shared);
void close_connections(http_shared& shared);

}  // namespace headgate::admin
