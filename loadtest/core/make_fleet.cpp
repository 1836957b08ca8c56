#include <algorithm>
#include <map>
#include <span>
#include <stdexcept>

#include "base/hash.hpp"
#include "loadtest/core/publishing.hpp"
#include "mqtt/topic.hpp"

namespace headgate::loadtest::core {

namespace {

// A topic of a publisher: the one that has its turn at `place`.
struct topic_place {
  std::uint64_t hash = 0;
  std::uint32_t publisher = 0;
  std::uint32_t place = 0;
};

bool is_before(const topic_place& a, const topic_place& b) {
  return a.publisher != b.publisher ? a.publisher < b.publisher : a.place < b.place;
}

// Which topics of which publishers a filter matches.
class topic_index {
 public:
  explicit topic_index(const std::vector<publisher>& publishers) : publishers_(publishers) {
    for (std::uint32_t number = 0; number < publishers.size(); ++number) {
      for (std::uint32_t place = 0; place < publishers[number].source.topics(); ++place) {
        by_hash_.push_back({base::hash_of(publishers[number].source.topic_at(place)), number, place});
      }
    }
    std::ranges::sort(by_hash_, {}, &topic_place::hash);
  }

  void find(const std::string& filter, std::vector<topic_place>& found) {
    if (filter.find_first_of("+#") == std::string::npos) return find_literal(filter, found);
    auto [entry, is_new] = by_wildcard_.try_emplace(filter);
    if (is_new) find_wildcard(filter, entry->second);
    found.insert(found.end(), entry->second.begin(), entry->second.end());
  }

 private:
  std::string_view text_of(const topic_place& topic) const {
    return publishers_[topic.publisher].source.topic_at(topic.place);
  }
  void find_literal(const std::string& filter, std::vector<topic_place>& found) const {
    const std::uint64_t hash = base::hash_of(filter);
    for (auto at = std::ranges::lower_bound(by_hash_, hash, {}, &topic_place::hash);
         at != by_hash_.end() && at->hash == hash; ++at) {
      if (text_of(*at) == filter) found.push_back(*at);
    }
  }
  void find_wildcard(const std::string& filter, std::vector<topic_place>& found) const {
    for (const topic_place& topic : by_hash_) {
      if (mqtt::matches(filter, text_of(topic))) found.push_back(topic);
    }
  }

  const std::vector<publisher>& publishers_;
  std::vector<topic_place> by_hash_;
  std::map<std::string, std::vector<topic_place>> by_wildcard_;
};

void add_group(fleet& fleet, std::uint32_t index) {
  const group& plan = fleet.plan.groups[index];
  group_state& state = fleet.groups.emplace_back();
  state.plan = &plan;
  state.first = static_cast<std::uint32_t>(fleet.clients.size());
  if (plan.publish) {
    state.first_publisher = static_cast<std::uint32_t>(fleet.publishers.size());
    fleet.has_windows = fleet.has_windows || plan.publish->window > 0;
    state.shape = std::make_unique<message_shape>(shape_of(plan, fleet.plan.seed, fleet.run));
  }
  for (std::uint32_t number = 0; number < plan.clients; ++number) {
    client& added = fleet.clients.emplace_back();
    added.group = static_cast<std::uint16_t>(index);
    if (!plan.publish) continue;
    const auto publisher = fleet.audit.add_publisher({plan.publish->qos, state.shape->expiry_s, plan.publish->topics});
    added.publisher = publisher.value;
    fleet.publishers.push_back({state.first + number, {*state.shape, plan.publish->topic, publisher.value, number}});
    mark_pending(fleet, publisher.value);
  }
  if (plan.connect.at_ns == 0 && !plan.connect.expects_refusal) fleet.awaited += plan.clients;
}

// The mask of some places, used again where the next publisher has the same: those of one group do.
class mask_maker {
 public:
  std::uint32_t make(fleet& fleet, std::span<const topic_place> places, std::uint32_t all) {
    const bool is_same = all == all_ && std::ranges::equal(places, places_, {}, &topic_place::place);
    if (is_same) return mask_;
    all_ = all;
    places_.clear();
    topic_mask wanted;
    wanted.wanted.resize(all);
    for (const topic_place& one : places) {
      wanted.wanted[one.place] = true;
      places_.push_back(one.place);
    }
    return mask_ = fleet.audit.add_mask(std::move(wanted));
  }

 private:
  std::vector<std::uint32_t> places_;
  std::uint32_t all_ = 0;
  std::uint32_t mask_ = 0;
};

void add_flows(fleet& fleet, audience_index audience, std::vector<topic_place>& topics, mask_maker& masks) {
  std::ranges::sort(topics, is_before);
  for (auto at = topics.begin(); at != topics.end();) {
    const std::uint32_t number = at->publisher;
    const auto end = std::find_if(at, topics.end(), [number](const topic_place& of) { return of.publisher != number; });
    const std::uint32_t all = fleet.publishers[number].source.topics();
    std::uint32_t mask = 0;
    if (end - at < all) mask = masks.make(fleet, {at, end}, all);
    if (!fleet.audit.add_flow(audience, publisher_index(number), mask)) {
      throw std::runtime_error(
          "the audit's memory does not hold who is to receive from whom: give it more (audit.memory), or let fewer "
          "subscribers receive from fewer publishers");
    }
    at = end;
  }
}

void collect(topic_index& topics, const subscribe_plan& plan, std::uint32_t number, std::vector<topic_place>& found) {
  for (const text_template& filter : plan.filters) {
    const std::uint32_t count = filter.names_topic() ? plan.topics : 1;
    for (std::uint32_t n = 0; n < count; ++n) topics.find(filter.expanded(number, n), found);
  }
}

void add_audiences(fleet& fleet, const group_state& state, topic_index& topics) {
  const subscribe_plan& plan = *state.plan->subscribe;
  const bool is_shared = !plan.share.empty();
  const audience_terms terms{plan.qos, is_shared, state.plan->is_persistent()};
  std::vector<topic_place> found;
  mask_maker masks;
  for (std::uint32_t number = 0; number < state.plan->clients; ++number) {
    client& member = fleet.clients[state.first + number];
    if (is_shared && number > 0) {
      member.audience = fleet.clients[state.first].audience;
      continue;
    }
    const auto audience = fleet.audit.add_audience(terms);
    member.audience = audience.value;
    found.clear();
    collect(topics, plan, number, found);
    add_flows(fleet, audience, found, masks);
  }
}

}  // namespace

std::unique_ptr<fleet> make_fleet(const plan& plan, wire& wire, std::uint32_t run) {
  auto made = std::make_unique<fleet>(plan, wire, run);
  std::size_t clients = 0;
  std::size_t publishers = 0;
  for (const group& group : plan.groups) {
    clients += group.clients;
    if (group.publish) publishers += group.clients;
  }
  made->clients.reserve(clients);
  made->publishers.reserve(publishers);
  made->audit.reserve(publishers, 0, 0);
  for (std::uint32_t index = 0; index < plan.groups.size(); ++index) add_group(*made, index);
  topic_index topics(made->publishers);
  for (const group_state& state : made->groups) {
    const auto& subscribes = state.plan->subscribe;
    if (subscribes && subscribes->churn_rate <= 0) add_audiences(*made, state, topics);
  }
  return made;
}

}  // namespace headgate::loadtest::core
