#include "cli/operators.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include "cli/listening.hpp"
#include "cli/token_file.hpp"

namespace headgate::cli {

namespace {

constexpr std::uint32_t day_ms = 86'400'000;

}  // namespace

operators::operators(const config::settings& settings, admin::server_facts facts, std::vector<worker_thread*> workers,
                     const operators_surroundings& surroundings, service_manager& manager)
    : facts_(std::move(facts)),
      log_(surroundings.log),
      hashes_(surroundings.hashes),
      storage_(surroundings.storage),
      manager_(manager),
      bind_(settings.admin.bind),
      sys_interval_s_(settings.sys_interval_s) {
  const auto later = [this](std::chrono::milliseconds delay, std::function<void()> call) {
    service_.after(static_cast<std::uint32_t>(delay.count()), std::move(call));
  };
  desk_ = std::make_unique<admin_desk>(std::move(workers), desk_surroundings{surroundings.map, settings.key_levels,
                                                                             [this] { return this->facts(); }, later});
  sys_ = std::make_unique<admin::sys_publisher>(service_, *desk_,
                                                [this](const std::string& topic, const std::string& text) {
                                                  desk_->publish_sys({{topic, text}});
                                                });
  if (!settings.admin.enabled) return;
  auto token = token_of(settings.admin);
  try {
    http_ = std::make_unique<admin::http_listener>(service_, bind_, settings.admin.port, *desk_);
  } catch (const std::system_error& error) {
    throw cannot_listen("admin", error);
  }
  http_->set_token(std::move(token));
}

operators::~operators() {
  stop();
}

void operators::start() {
  service_.start();
  sys_->set_interval(sys_interval_s_ * 1000);
  if (manager_.watchdog_interval()) watch();
  service_.after(day_ms, [this] { remind_of_certificates(); });
}

std::string operators::address() const {
  return http_ ? "http://" + printable_address(bind_, http_->local_port()) + "/" : "";
}

void operators::set_settings(const config::settings& settings, std::uint32_t max_clients, std::string token) {
  if (http_) http_->set_token(std::move(token));
  {
    const std::lock_guard lock(mutex_);
    facts_.limits = settings.limits;
    facts_.max_clients = max_clients;
  }
  if (std::exchange(sys_interval_s_, settings.sys_interval_s) != settings.sys_interval_s) {
    sys_->set_interval(sys_interval_s_ * 1000);
  }
}

void operators::set_certificates(std::vector<listener_certificates> certificates) {
  const std::lock_guard lock(mutex_);
  facts_.certificates = facts_of(certificates);
  certificates_ = std::move(certificates);
}

void operators::drain() {
  if (http_) http_->set_draining(true);
}

void operators::stop() {
  service_.stop();
}

admin::measures operators::facts() const {
  admin::measures measures;
  {
    const std::lock_guard lock(mutex_);
    measures.facts = facts_;
  }
  measures.hashes = hashes_.view();
  measures.sessions = storage_.view_of_sessions();
  measures.log_lines = log_.lines();
  measures.log_lines_lost = log_.lines_lost();
  return measures;
}

// The line at the start is long past when certificates end.
void operators::remind_of_certificates() {
  std::vector<listener_certificates> certificates;
  {
    const std::lock_guard lock(mutex_);
    certificates = certificates_;
  }
  for (const auto& warning : warnings_of(certificates)) {
    log_.write_always({.severity = base::severity::warning, .event = "certificates", .text = warning, .fields = {}});
  }
  service_.after(day_ms, [this] { remind_of_certificates(); });
}

void operators::watched(bool alive) {
  if (alive) manager_.alive();
  // Who did not answer is asked again soon: one bad moment must not use up what the service manager allows.
  const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(*manager_.watchdog_interval());
  service_.after(alive ? static_cast<std::uint32_t>(interval.count()) : 1000, [this] { watch(); });
}

// The service manager hears that the server lives only as long as every worker answers.
void operators::watch() {
  desk_->measure([this](const auto& answer) { service_.post([this, alive = answer.has_value()] { watched(alive); }); });
}

}  // namespace headgate::cli
