#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/server.hpp"
#include "cli/admin_question.hpp"
#include "cli/worker_thread.hpp"
#include "shard-router/shard_map.hpp"

namespace headgate::cli {

// Where an admin desk finds what is not the workers'.
struct desk_surroundings {
  const shard_router::shard_map& map;  // outlives the desk
  std::uint32_t key_levels = 0;        // routing.key_levels
  // The part of a measurement that is not the workers': the facts, and the log lines that were written or found no
  // reader. Any thread.
  std::function<admin::measures()> facts;
  // Calls `call` once, on any thread, about so much later. Any thread.
  std::function<void(std::chrono::milliseconds delay, std::function<void()> call)> later;
};

// Asks the workers what operators want to know: posts letters to them, which answer in their own threads, and nobody
// waits. What would take long goes in steps, one a turn, so that clients are served in between. Any thread may ask. The
// workers are given by their ids; their threads are joined before the desk is destroyed, and no timer of `later` that
// is left over minds that. Answers come from the threads of workers, of `later`, or from within the call.
//
// A page goes from part to part, worker by worker or shard by shard; "2:81920" goes on at place 81,920 of part 2.
class admin_desk final : public admin::server {
 public:
  admin_desk(std::vector<worker_thread*> workers, desk_surroundings surroundings);

  void measure(on_answer<admin::measures> tell) override;
  void list_clients(admin::page_request request, on_answer<admin::page<proxy::session::client_view>> tell) override;
  void show_client(std::string id, on_answer<std::optional<proxy::session::client_details>> tell) override;
  void kick_client(std::string id, on_answer<bool> tell) override;
  void list_topics(admin::page_request request, on_answer<admin::page<broker::shard::topic_view>> tell) override;
  void show_topic(std::string topic, on_answer<admin::topic_details> tell) override;

  // Publishes values of the server's own: pairs of a topic below $SYS/ and its value.
  void publish_sys(std::vector<std::pair<std::string, std::string>> values);

 private:
  template <class Item>
  struct page_walk;
  struct client_search;
  struct topic_search;

  // How many questions of one kind are open, and may be. Shared with the questions, which outlive the desk with the
  // timers.
  struct allowance {
    std::shared_ptr<std::atomic<std::uint32_t>> open = std::make_shared<std::atomic<std::uint32_t>>(0);
    std::uint32_t most = 0;
  };
  // Null when too many questions are open; then it was answered.
  template <class Answer>
  std::shared_ptr<admin_question<Answer>> begin(const allowance& allowance, on_answer<Answer> tell);
  template <class Item>
  std::shared_ptr<page_walk<Item>> begin_walk(admin::page_request&& request, std::size_t parts,
                                              on_answer<admin::page<Item>> tell);

  void list_more_clients(const std::shared_ptr<page_walk<proxy::session::client_view>>& walk);
  void list_more_topics(const std::shared_ptr<page_walk<broker::shard::topic_view>>& walk);
  void search_client(const std::shared_ptr<client_search>& search);
  void search_client_at(const std::shared_ptr<client_search>& search, std::size_t worker, std::uint32_t place);
  void match_filters_at(const std::shared_ptr<topic_search>& search, std::size_t worker, std::uint32_t place);
  void view_topic(const std::shared_ptr<topic_search>& search);
  worker_thread& owner_of(std::uint16_t shard) { return *workers_[shard % workers_.size()]; }

  std::vector<worker_thread*> workers_;
  desk_surroundings surroundings_;
  allowance walks_{.most = base::admin_walks};
  allowance measurements_{.most = base::admin_measurements};
};

template <class Answer>
std::shared_ptr<admin_question<Answer>> admin_desk::begin(const allowance& allowance, on_answer<Answer> tell) {
  if (allowance.open->fetch_add(1) >= allowance.most) {
    allowance.open->fetch_sub(1);
    tell(std::nullopt);
    return nullptr;
  }
  auto question = std::make_shared<admin_question<Answer>>(std::move(tell), allowance.open);
  const std::chrono::milliseconds patience{base::admin_patience_ms};
  surroundings_.later(patience / 2, [question] { question->hurry(); });
  surroundings_.later(patience, [question] { question->answer(std::nullopt); });
  return question;
}

}  // namespace headgate::cli
