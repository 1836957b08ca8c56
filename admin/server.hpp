#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "broker/shard/view.hpp"
#include "proxy/auth/view.hpp"
#include "proxy/gateway/view.hpp"
#include "proxy/listener/view.hpp"
#include "proxy/session/view.hpp"
#include "session-store/embedded/view.hpp"
#include "worker/view.hpp"

namespace headgate::admin {

// What one worker and its sockets count.
struct worker_measures {
  worker::worker_view worker;
  std::vector<worker::numbered_shard> shards;  // each of this worker's
  proxy::listener::listener_view sockets;
  proxy::auth::door_view door;
};

// Of a listener with TLS, in seconds since 1970.
struct certificate_facts {
  std::string listener;
  std::int64_t expires_s = 0;                 // the earliest end among its certificates and those of their chains
  std::optional<std::int64_t> crl_expires_s;  // of its lists of revoked ones; nothing: there is none
};

// Where what the server knows is kept, and for how long.
struct storage_facts {
  std::string log = "memory";       // log.commit in force: "memory", "os" or "disk"
  std::string sessions = "memory";  // session_store.engine in force: "memory" or "embedded"
  // Of a log on disk; 0: no bound.
  std::uint64_t retention_age_s = 0;
  std::uint64_t retention_bytes = 0;  // of each shard
  std::uint64_t retention_disk_percent = 0;
  std::uint64_t log_bytes_most = 0;  // that the log of a shard holds, wherever it is; 0: no bound
};

// What does not change while the process lives, but for limits and certificates, which a reload may change.
struct server_facts {
  std::string version;
  std::uint64_t started_ms = 0;        // of the wall clock
  std::vector<std::string> clusters;   // by shard: the name of the cluster that it belongs to
  std::vector<std::string> listeners;  // "tcp 127.0.0.1:1883"
  std::uint64_t max_clients = 0;
  base::limits limits;
  std::vector<certificate_facts> certificates;
  storage_facts storage;
};

struct measures {
  server_facts facts;
  std::vector<worker_measures> workers;  // by worker id
  proxy::auth::hash_pool_view hashes;
  session_store::embedded::store_thread_view sessions;  // those on disk; all zero of those in memory
  std::uint64_t log_lines = 0;                          // written
  std::uint64_t log_lines_lost = 0;  // that found no reader, or were left out because they were too many
};

// A page of a list. To go on, ask again with `next`; empty: there is no more.
template <class Item>
struct page {
  std::vector<Item> items;
  std::string next;
};
struct page_request {
  std::uint32_t limit = 100;  // 1 to 1,000
  std::string after;          // `next` of the page before; empty: the beginning
  std::string match;          // clients: the id begins with it. topics: a topic filter. Empty: all
};

// A filter that matches a topic, and how many sessions of connected clients hold it.
struct matching_filter {
  std::string filter;
  std::uint64_t subscribers = 0;
};
struct topic_details {
  std::string topic;
  std::uint16_t slot = 0;
  std::string cluster;
  std::uint16_t shard = 0;
  bool known = false;  // the shard has an entry for it: view is that
  broker::shard::topic_view view;
  broker::shard::retained_message_view retained;
  std::vector<matching_filter> filters;  // at most 1,000 of them, the most subscribed first
};

// The port through which the admin listener asks the workers. Any thread may ask. Each answer is given exactly once, on
// any thread, soon: nothing (std::nullopt) means that a worker has not answered within base::admin_patience_ms.
class server {
 public:
  template <class Answer>
  using on_answer = std::function<void(std::optional<Answer>)>;

  virtual ~server() = default;
  virtual void measure(on_answer<measures> done) = 0;
  // In no order that means anything. A page may be shorter than its limit, even empty, and yet have a next one.
  virtual void list_clients(page_request request, on_answer<page<proxy::session::client_view>> done) = 0;
  // The inner one is empty when no such client is connected.
  virtual void show_client(std::string id, on_answer<std::optional<proxy::session::client_details>> done) = 0;
  // Closes its connection (MQTT 5: 0x98, Administrative action); its session stays as its expiry says. False: no such
  // client is connected.
  virtual void kick_client(std::string id, on_answer<bool> done) = 0;
  virtual void list_topics(page_request request, on_answer<page<broker::shard::topic_view>> done) = 0;
  // `topic` is a valid topic name.
  virtual void show_topic(std::string topic, on_answer<topic_details> done) = 0;
};

}  // namespace headgate::admin
