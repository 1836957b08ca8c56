#include "cli/admin_pages.hpp"
#include "proxy/gateway/inspecting.hpp"

// The questions of the admin desk about clients.
namespace headgate::cli {

namespace gateway = proxy::gateway;
using proxy::session::client_details;
using proxy::session::client_view;

void admin_desk::list_clients(admin::page_request request, on_answer<admin::page<client_view>> tell) {
  const auto walk = begin_walk<client_view>(std::move(request), workers_.size(), std::move(tell));
  if (walk) list_more_clients(walk);
}

void admin_desk::list_more_clients(const std::shared_ptr<page_walk<client_view>>& walk) {
  workers_[walk->at.part]->post([this, walk](worker::worker& worker, const auto&) {
    if (walk->question->is_answered()) return;
    const auto outcome =
        gateway::list_clients(worker.gateway(), &walk->at.place, walk->match, walk->limit, walk->page.items);
    if (walk->goes_on(outcome == gateway::inspection::done)) list_more_clients(walk);
  });
}

// A client that is searched for by its id, at all workers at once.
struct admin_desk::client_search {
  std::string id;
  std::function<bool()> is_answered;
  std::function<void(worker::worker& worker, std::uint32_t client)> found;
  std::function<void()> not_found;
  std::atomic<std::size_t> missing{0};  // workers that have not looked everywhere yet
};

void admin_desk::search_client(const std::shared_ptr<client_search>& search) {
  search->missing = workers_.size();
  for (std::size_t n = 0; n < workers_.size(); ++n) search_client_at(search, n, 0);
}

void admin_desk::search_client_at(const std::shared_ptr<client_search>& search, std::size_t number,
                                  std::uint32_t place) {
  workers_[number]->post([this, search, number, place](worker::worker& worker, const auto&) {
    if (search->is_answered()) return;
    auto at = place;
    std::optional<std::uint32_t> client;
    const auto outcome = gateway::find_client(worker.gateway(), &at, search->id, &client);
    if (client) return search->found(worker, *client);
    if (outcome == gateway::inspection::goes_on) return search_client_at(search, number, at);
    if (--search->missing == 0) search->not_found();
  });
}

void admin_desk::show_client(std::string id, on_answer<std::optional<client_details>> tell) {
  const auto question = begin<std::optional<client_details>>(walks_, std::move(tell));
  if (!question) return;
  const auto search = std::make_shared<client_search>();
  search->id = std::move(id);
  search->is_answered = [question] { return question->is_answered(); };
  search->found = [question](worker::worker& worker, std::uint32_t client) {
    question->answer(std::optional(gateway::describe_client(worker.gateway(), client)));
  };
  search->not_found = [question] { question->answer(std::optional<std::optional<client_details>>(std::in_place)); };
  search_client(search);
}

void admin_desk::kick_client(std::string id, on_answer<bool> tell) {
  const auto question = begin<bool>(walks_, std::move(tell));
  if (!question) return;
  const auto search = std::make_shared<client_search>();
  search->id = std::move(id);
  search->is_answered = [question] { return question->is_answered(); };
  search->found = [question](worker::worker& worker, std::uint32_t client) {
    gateway::kick_client(worker.gateway(), client);
    question->answer(true);
  };
  search->not_found = [question] { question->answer(false); };
  search_client(search);
}

}  // namespace headgate::cli
