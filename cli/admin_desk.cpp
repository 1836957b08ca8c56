#include "cli/admin_desk.hpp"

#include "proxy/gateway/publishing.hpp"

namespace headgate::cli {

namespace {

// What the workers have added until now. Each fills its own place, the last one gives the answer.
struct measuring {
  std::shared_ptr<admin_question<admin::measures>> question;
  admin::measures found;
  std::atomic<std::size_t> missing{0};
};

}  // namespace

admin_desk::admin_desk(std::vector<worker_thread*> workers, desk_surroundings surroundings)
    : workers_(std::move(workers)), surroundings_(std::move(surroundings)) {}

void admin_desk::measure(on_answer<admin::measures> tell) {
  auto question = begin<admin::measures>(measurements_, std::move(tell));
  if (!question) return;
  const auto all = std::make_shared<measuring>();
  all->question = std::move(question);
  all->found = surroundings_.facts();
  all->found.workers.resize(workers_.size());
  all->missing = workers_.size();
  for (std::size_t n = 0; n < workers_.size(); ++n) {
    workers_[n]->post([all, n, thread = workers_[n]](worker::worker& worker, const auto& sockets) {
      all->found.workers[n] = {worker.view(), worker.shard_views(), sockets.view(), thread->door_view()};
      if (--all->missing > 0) return;
      for (const auto& each : all->found.workers) all->found.log_lines_lost += each.worker.gateway.log_lines_left_out;
      all->question->answer(std::move(all->found));
    });
  }
}

void admin_desk::publish_sys(std::vector<std::pair<std::string, std::string>> values) {
  // Any worker can publish; the shards decide where the messages go.
  workers_.front()->post([values = std::move(values)](worker::worker& worker, const auto&) {
    for (const auto& [topic, value] : values) proxy::gateway::publish_sys(worker.gateway(), topic, value);
  });
}

}  // namespace headgate::cli
