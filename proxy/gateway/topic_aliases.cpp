#include "proxy/gateway/topic_aliases.hpp"

#include <algorithm>

namespace headgate::proxy::gateway {

std::uint16_t use_alias(session::session& session, mqtt::publish_head& head) {
  if (!has_aliases(session)) return 0;
  const auto& table = session.more->aliases_out;
  const auto known = std::find(table.begin(), table.end(), head.topic);
  if (known != table.end()) {
    head.topic_alias = static_cast<std::uint16_t>(known - table.begin() + 1);
    head.topic = {};
    return 0;
  }
  if (table.size() >= session.more->alias_maximum) return 0;
  head.topic_alias = static_cast<std::uint16_t>(table.size() + 1);
  return head.topic_alias;
}

void keep_alias(session::session& session, std::uint16_t alias, std::string_view topic) {
  if (alias != 0) session.more->aliases_out.emplace_back(topic);
}

std::string_view resolve_alias(session::session& session, std::uint16_t alias, std::string_view topic) {
  auto& table = session.with_details().aliases_in;
  if (topic.empty()) return alias <= table.size() ? std::string_view(table[alias - 1U]) : std::string_view();
  if (table.size() < alias) table.resize(alias);
  table[alias - 1U] = topic;
  return topic;
}

}  // namespace headgate::proxy::gateway
