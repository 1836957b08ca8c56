#include "loadtest/run/tls_clients.hpp"

namespace headgate::loadtest::run {

namespace {

net::tls_client_settings settings_of(const core::tls_plan& plan, const core::target& target) {
  net::tls_client_settings made;
  made.ca = plan.ca;
  made.certificate = {plan.certificate, plan.key};
  made.server_name = plan.server_name.empty() ? target.host : plan.server_name;
  made.verify = plan.verifies;
  made.maximum = plan.maximum == core::tls_plan::version::v1_2 ? net::tls_version::v1_2 : net::tls_version::v1_3;
  return made;
}

}  // namespace

tls_clients::tls_clients(const core::plan& plan, std::size_t clients) {
  for (const core::target& target : plan.targets) {
    contexts_.push_back(net::tls_context::of_client(settings_of(plan.tls, target)));
  }
  if (plan.tls.resumes) sessions_.resize(clients);
}

std::unique_ptr<net::tls_stream> tls_clients::begin(std::uint32_t client, std::size_t target, int fd) const {
  auto made = std::make_unique<net::tls_stream>(contexts_[target], fd);
  if (!sessions_.empty()) made->resume(sessions_[client]);
  return made;
}

void tls_clients::count(const net::tls_stream& stream) {
  ++(stream.was_resumed() ? resumed_ : full_);
}

void tls_clients::end(std::uint32_t client, net::tls_stream& stream) {
  if (!sessions_.empty() && stream.is_established()) sessions_[client] = stream.take_session();
}

}  // namespace headgate::loadtest::run
