#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/http_listener.hpp"
#include "admin/server.hpp"
#include "admin/service_thread.hpp"
#include "admin/sys_publisher.hpp"
#include "cli/admin_desk.hpp"
#include "cli/certificates.hpp"
#include "cli/console_log.hpp"
#include "cli/service_manager.hpp"
#include "cli/storage.hpp"
#include "cli/worker_thread.hpp"
#include "config/settings.hpp"
#include "proxy/auth/hash_pool.hpp"
#include "shard-router/shard_map.hpp"

namespace headgate::cli {

// What operators are told of that is not the workers'; all of it outlives them.
struct operators_surroundings {
  const shard_router::shard_map& map;
  console_log& log;
  const proxy::auth::hash_pool& hashes;
  const cli::storage& storage;
};

// What operators and their tools reach the server by: the admin listener, the $SYS topics, the watchdog of the
// service manager and a daily line about certificates that end soon, all on the service thread.
//
// The main thread calls everything here. What was given to the constructor outlives it; the workers are joined before
// it is destroyed.
class operators {
 public:
  // Reads the token and opens the admin listener. Throws settings_error.
  operators(const config::settings& settings, admin::server_facts facts, std::vector<worker_thread*> workers,
            const operators_surroundings& surroundings, service_manager& manager);
  ~operators();

  // The workers run.
  void start();
  // "http://127.0.0.1:18083/"; empty: there is none.
  std::string address() const;
  // After a reload. `token`: of these settings (token_file.hpp), which can fail and so is read before anything changes.
  void set_settings(const config::settings& settings, std::uint32_t max_clients, std::string token);
  // The certificates in force, at the start and after a reload.
  void set_certificates(std::vector<listener_certificates> certificates);
  // From now on /readyz says that this server goes.
  void drain();
  // Answers nobody any more.
  void stop();

 private:
  admin::measures facts() const;
  void watch();
  void watched(bool alive);
  void remind_of_certificates();

  mutable std::mutex mutex_;  // of facts_ and certificates_
  admin::server_facts facts_;
  std::vector<listener_certificates> certificates_;
  console_log& log_;
  const proxy::auth::hash_pool& hashes_;
  const storage& storage_;
  service_manager& manager_;
  // The order of destruction: what waits on the service thread goes with it, before those it asks.
  std::unique_ptr<admin_desk> desk_;
  admin::service_thread service_;
  std::unique_ptr<admin::http_listener> http_;
  std::unique_ptr<admin::sys_publisher> sys_;
  std::string bind_;
  std::uint32_t sys_interval_s_;
};

}  // namespace headgate::cli
