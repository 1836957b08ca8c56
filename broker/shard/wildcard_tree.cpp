#include "broker/shard/wildcard_tree.hpp"

#include <map>
#include <optional>
#include <string>

#include "base/hash.hpp"
#include "mqtt/topic.hpp"

namespace headgate::broker::shard {

struct wildcard_tree::node {
  std::map<std::string, std::unique_ptr<node>, std::less<>> children;  // by level; "+" and "#" among them
  route_set routes;                                                    // of the filter that ends here
};

namespace {

// The levels of a topic or filter, one after the other.
struct level_reader {
  std::optional<std::string_view> rest;

  std::string_view take() {
    const auto slash = rest->find('/');
    const auto level = rest->substr(0, slash);
    rest = slash == std::string_view::npos ? std::nullopt : std::optional(rest->substr(slash + 1));
    return level;
  }
};

std::string_view first_level(std::string_view text) {
  return text.substr(0, text.find('/'));
}

template <class Node>
void append(const Node& node, std::vector<route>& found) {
  const auto routes = node.routes.all();
  found.insert(found.end(), routes.begin(), routes.end());
}

// Goes no deeper than the tree does, which the filters' level limit bounds.
template <class Node>
void walk(const Node& at, level_reader topic, bool wildcards, std::vector<route>& found) {
  if (wildcards) {
    // "sport/#" also matches "sport" [MQTT 5.0, 4.7.1.2].
    if (const auto all = at.children.find("#"); all != at.children.end()) append(*all->second, found);
  }
  if (!topic.rest) {
    append(at, found);
    return;
  }
  const auto level = topic.take();
  if (const auto child = at.children.find(level); child != at.children.end()) walk(*child->second, topic, true, found);
  if (!wildcards) return;
  if (const auto any = at.children.find("+"); any != at.children.end()) walk(*any->second, topic, true, found);
}

}  // namespace

wildcard_tree::wildcard_tree() {
  versions_.fill(1);
}
wildcard_tree::~wildcard_tree() = default;

bool wildcard_tree::insert(std::string_view filter, route route) {
  const auto first = first_level(filter);
  const auto bucket = mqtt::has_wildcard(first) ? leading_wildcards : std::size_t{bucket_of(filter)};
  auto* at = &buckets_[bucket];
  if (!*at) *at = std::make_unique<node>();
  for (level_reader levels{filter}; levels.rest;) {
    at = &(*at)->children.try_emplace(std::string(levels.take())).first->second;
    if (!*at) *at = std::make_unique<node>();
  }
  if (!(*at)->routes.insert(route)) return false;
  ++routes_;
  ++versions_[bucket];
  return true;
}

bool wildcard_tree::erase(std::string_view filter, route route) {
  const auto first = first_level(filter);
  const auto bucket = mqtt::has_wildcard(first) ? leading_wildcards : std::size_t{bucket_of(filter)};
  std::vector<std::pair<node*, std::string>> path;
  auto* at = buckets_[bucket].get();
  for (level_reader levels{filter}; at != nullptr && levels.rest;) {
    const auto level = levels.take();
    path.emplace_back(at, level);
    const auto child = at->children.find(level);
    at = child == at->children.end() ? nullptr : child->second.get();
  }
  if (at == nullptr || !at->routes.erase(route)) return false;
  --routes_;
  ++versions_[bucket];
  // Branches that lead nowhere any more.
  while (!path.empty() && at->routes.empty() && at->children.empty()) {
    at = path.back().first;
    at->children.erase(path.back().second);
    path.pop_back();
  }
  return true;
}

std::uint8_t wildcard_tree::bucket_of(std::string_view topic) {
  return static_cast<std::uint8_t>(base::hash_of(first_level(topic)));
}

void wildcard_tree::match(std::string_view topic, std::vector<route>& found) const {
  // The first level of a bucket is literal, so its root is entered without wildcards. '$' topics are never matched by a
  // leading wildcard [MQTT-4.7.2-1].
  if (const auto& root = buckets_[bucket_of(topic)]) walk(*root, level_reader{topic}, false, found);
  const auto& root = buckets_[leading_wildcards];
  if (root && topic.front() != '$') walk(*root, level_reader{topic}, true, found);
}

}  // namespace headgate::broker::shard
