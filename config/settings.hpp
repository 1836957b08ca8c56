#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "net/tls_settings.hpp"
#include "shard-router/cluster.hpp"

namespace headgate::config {

enum class transport : std::uint8_t { tcp, tls };
enum class log_format : std::uint8_t { text, json };
// Who may come in without a user name: `automatic` is loopback as long as there are no users, and who shows a required
// certificate.
enum class anonymous : std::uint8_t { automatic, allow, refuse };
// Where a client's user name is taken from.
enum class user_name_source : std::uint8_t { connect, common_name, alternative_name };
enum class log_level : std::uint8_t { info, warning, error };
// Where what the server knows is kept. `automatic`: on disk where there is a data_dir, else in memory.
enum class session_engine : std::uint8_t { automatic, embedded, memory };
// When a message is in the log, and its publisher hears so: `memory` when it is in this process's, `os` when the system
// has it, `disk` when the device has it.
enum class log_commit : std::uint8_t { automatic, memory, os, disk };

// Where clients come in.
struct listener {
  std::string name;
  std::string bind = "127.0.0.1";  // an IPv4 or IPv6 address
  std::uint16_t port = 1883;       // 0: any free one
  config::transport transport = config::transport::tcp;
  config::anonymous anonymous = config::anonymous::automatic;
  // TLS alone. Lists of files are separated by commas; the n-th key is that of the n-th certificate.
  std::string certificate{};
  std::string key{};
  net::client_certificates client_certificate = net::client_certificates::none;
  std::string client_ca{};
  std::string crl{};
  user_name_source user_name = user_name_source::connect;
  net::tls_version tls_version = net::tls_version::v1_2;  // the least
  std::string tls_ciphers{};                              // of TLS 1.2
};

// Who may come in, and what they may do.
struct auth {
  std::string password_file;    // empty: no users
  std::string acl_file;         // empty: everybody may do everything
  bool bind_client_id = false;  // a session is used again by the user who began it only
  bool tell_reasons = true;     // an MQTT 5 client hears that a right or its password is wanting
  std::uint32_t threads = 1;    // that compute password hashes
};

// Where operators and Prometheus come in.
struct admin {
  bool enabled = true;
  std::string bind = "127.0.0.1";  // anything but loopback needs a token
  std::uint16_t port = 18083;      // 0: any free one
  std::string token_file;          // empty: whoever reaches the listener may ask
};

struct logging {
  log_format format = log_format::text;
  log_level level = log_level::info;            // the least severe that is written
  std::uint32_t client_lines_per_second = 100;  // of connects, disconnects and refusals; the others are counted
};

// Of the log on disk, but for `commit`. Ages and sizes are those of whole segments.
struct log {
  log_commit commit = log_commit::automatic;
  std::uint64_t retention_age_s = 7ULL * 24 * 3600;  // 0: no bound
  std::uint64_t retention_bytes = 0;                 // of each shard; 0: no bound
  std::uint32_t retention_disk_percent = 80;         // of the disk, by whomever it was filled; 0: no bound
  std::uint64_t segment_bytes = 256ULL * 1024 * 1024;
};

struct session_store {
  session_engine engine = session_engine::automatic;
};

// Whether the listener lets in who has no user name.
bool allows_anonymous(const listener& listener, const auth& auth);

// What an operator can set. Defaults are those of a safe start on one machine. A plain value: made and checked before
// the server runs, and handed out as copies; nothing reads it on the way of a message.
struct settings {
  std::string data_dir;       // empty: nothing is kept on disk
  std::uint32_t workers = 0;  // threads; 0: cores less one, at least 1
  // The first key that names a listener or a cluster takes the place of the default ones, also if it names one of
  // them; each further name adds one with the default values. In the order in which keys named them first.
  std::vector<listener> listeners{listener{"tcp"}};
  bool listeners_are_default = true;  // no key has named one
  std::vector<shard_router::cluster> clusters{shard_router::cluster{"main"}};
  bool clusters_are_default = true;
  std::uint32_t key_levels = 0;  // of a topic that decide over its shard; 0: all (shard-router/routing_key.hpp)
  base::limits limits;
  config::auth auth;
  config::admin admin;
  config::logging logging;
  config::log log;
  config::session_store session_store;
  std::uint32_t sys_interval_s = 10;  // between two publications of $SYS topics; 0: none
};

// What `automatic` comes to. Never automatic.
session_engine session_engine_of(const settings& settings);
log_commit log_commit_of(const settings& settings);

// Settings that cannot be used; each line of the text is a sentence that says which, why, and what would do.
struct settings_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Applies one "KEY=VALUE" of the command line. Throws settings_error.
void assign(settings& settings, const std::string& assignment);
// Checks what concerns more than one key, such as an open listener without authentication. Throws settings_error.
void check(const settings& settings);

// One line a key: its name, its value in force, what it means.
struct setting_line {
  std::string key{};
  std::string value;
  std::string help;
};
std::vector<setting_line> describe(const settings& settings);

}  // namespace headgate::config
