#include <algorithm>
#include <unordered_map>

#include "base/hash.hpp"
#include "broker/shard/inspecting.hpp"
#include "cli/admin_pages.hpp"
#include "mqtt/topic.hpp"
#include "proxy/gateway/inspecting.hpp"
#include "shard-router/routing_key.hpp"

// The questions of the admin desk about topics.
namespace headgate::cli {

namespace gateway = proxy::gateway;
namespace shard = broker::shard;

void admin_desk::list_topics(admin::page_request request, on_answer<admin::page<shard::topic_view>> tell) {
  // Nothing matches what is no filter.
  const bool valid = request.match.empty() || mqtt::is_valid_topic_filter(request.match);
  const std::size_t parts = valid ? surroundings_.map.shard_count() : 0;
  const auto walk = begin_walk<shard::topic_view>(std::move(request), parts, std::move(tell));
  if (walk) list_more_topics(walk);
}

void admin_desk::list_more_topics(const std::shared_ptr<page_walk<shard::topic_view>>& walk) {
  const auto number = static_cast<std::uint16_t>(walk->at.part);
  owner_of(number).post([this, walk, number](worker::worker& worker, const auto&) {
    if (walk->question->is_answered()) return;
    const auto* state = worker.shard(base::shard_id{number});
    const bool is_over =
        state == nullptr || shard::list_topics(*state, &walk->at.place, walk->match, walk->limit, walk->page.items);
    if (walk->goes_on(is_over)) list_more_topics(walk);
  });
}

// What is known of one topic until now: all workers look through their filters, and its shard through its entries.
struct admin_desk::topic_search {
  std::shared_ptr<admin_question<admin::topic_details>> question;
  std::string topic;
  std::vector<std::vector<gateway::held_by>> filters;  // by worker, each its own
  admin::topic_details details;                        // the shard's part is written by its worker alone
  std::atomic<std::size_t> missing{0};

  // One part is complete; after the last one comes the answer.
  void complete_part() {
    if (--missing > 0) return;
    std::unordered_map<std::string, std::uint64_t> sums;
    for (auto& of_worker : filters) {
      for (auto& each : of_worker) sums[std::move(each.filter)] += each.subscribers;
    }
    auto& all = details.filters;
    for (const auto& [filter, subscribers] : sums) all.push_back({filter, subscribers});
    std::sort(all.begin(), all.end(), [](const admin::matching_filter& a, const admin::matching_filter& b) {
      return a.subscribers != b.subscribers ? a.subscribers > b.subscribers : a.filter < b.filter;
    });
    if (all.size() > base::inspected_at_most) all.resize(base::inspected_at_most);
    question->answer(std::move(details));
  }
};

void admin_desk::show_topic(std::string topic, on_answer<admin::topic_details> tell) {
  auto question = begin<admin::topic_details>(walks_, std::move(tell));
  if (!question) return;
  const auto search = std::make_shared<topic_search>();
  search->question = std::move(question);
  search->topic = std::move(topic);
  const auto slot =
      shard_router::slot_of(base::hash_of(shard_router::routing_key(search->topic, surroundings_.key_levels)));
  search->details.topic = search->topic;
  search->details.slot = slot.value;
  search->details.cluster = surroundings_.map.cluster_of(slot).name;
  search->details.shard = surroundings_.map.shard_of(slot).value;
  search->filters.resize(workers_.size());
  search->missing = workers_.size() + 1;
  for (std::size_t n = 0; n < workers_.size(); ++n) match_filters_at(search, n, 0);
  view_topic(search);
}

void admin_desk::match_filters_at(const std::shared_ptr<topic_search>& search, std::size_t number,
                                  std::uint32_t place) {
  workers_[number]->post([this, search, number, place](worker::worker& worker, const auto&) {
    if (search->question->is_answered()) return;
    auto at = place;
    const auto outcome = gateway::match_filters(worker.gateway(), &at, search->topic, search->filters[number]);
    if (outcome == gateway::inspection::goes_on) return match_filters_at(search, number, at);
    search->complete_part();
  });
}

void admin_desk::view_topic(const std::shared_ptr<topic_search>& search) {
  const auto number = search->details.shard;
  owner_of(number).post([this, search, number](worker::worker& worker, const auto&) {
    if (search->question->is_answered()) return;
    auto* state = worker.shard(base::shard_id{number});
    if (state == nullptr) return search->complete_part();
    const auto retained = shard::view_retained(*state, search->topic, worker.gateway().now.wall);
    if (!retained) return view_topic(search);  // the store answers later: asked again in the next turn
    search->details.retained = *retained;
    auto view = shard::view_topic(*state, search->topic);
    search->details.known = view.has_value();
    if (view) search->details.view = std::move(*view);
    search->complete_part();
  });
}

}  // namespace headgate::cli
