#include "proxy/gateway/change_walks.hpp"

#include <algorithm>
#include <utility>

#include "proxy/gateway/closing.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/group_holding.hpp"
#include "proxy/gateway/groups.hpp"
#include "proxy/gateway/rights.hpp"

namespace headgate::proxy::gateway {

namespace {

using session::connection_state;

// The next part of the subscriptions, from the walk's filter on; each costs a question to the authoriser.
void walk_rights(proxy_state& state) {
  auto& walk = state.rights_walk;
  auto left = base::change_walk_steps;
  while (walk.session < state.sessions.size()) {
    const auto& session = state.sessions[walk.session];
    const auto held = session.subscriptions.all();
    const auto first =
        std::lower_bound(held.begin(), held.end(), walk.filter,
                         [](const session::held_filter& each, std::uint32_t filter) { return each.filter < filter; });
    for (auto each = first; each != held.end(); ++each) {
      if (left < base::change_walk_subscription_steps) {
        walk.filter = each->filter;
        return;
      }
      left -= base::change_walk_subscription_steps;
      auto& filter = state.filters[each->filter];
      filter.subscribers.all()[each->place].checked = reach_of(state, session, filter.text.view()) != reach::all;
    }
    for (std::uint32_t n = 0; session.shared_filters > 0 && n < session.more->shared.size(); ++n) {
      members_changed(state, session.more->shared[n]);
    }
    recall_held(state, walk.session);
    walk.filter = 0;
    ++walk.session;
    if (left == 0) return;
    --left;
  }
  walk.session = rights_walk::over;
}

// Why the client would not come in any more: by a password of before the change, as a user that is gone, or without a
// name where that was allowed. Empty: it would.
std::string_view outdated_because(const proxy_state& state, std::uint32_t client, std::string_view user_name,
                                  std::uint32_t version) {
  const auto entrance = state.ports.clients.entrance_of(client);
  if (!entrance.user_name.empty()) return {};  // a certificate vouches for its name by itself
  if (user_name.empty()) {
    return entrance.anonymous_allowed ? "" : "nobody may be here any more without a user name that the server knows";
  }
  const auto& changed = state.users_walk.changed;
  const auto found = changed.find(user_name);
  const bool is_outdated = found != changed.end() && version < found->second;
  return is_outdated ? "the password of its user was changed, or the user was removed" : "";
}

void refuse_outdated(proxy_state& state, std::uint32_t client) {
  auto& pending = state.connects[state.sessions[client].connect];
  // One without users still stands with the name that it gave.
  const auto why = outdated_because(state, client, pending.user_name, pending.users_version);
  if (why.empty()) return;
  // Told what it would be told now, and always in the same way.
  const auto reason =
      pending.user_name.empty() ? mqtt::reason_code::not_authorized : mqtt::reason_code::bad_user_name_or_password;
  state.sessions[client].with_details().user_name = pending.user_name;  // for its log line
  // Answers to its CONNECT may still come, and find nobody.
  refuse_connect(state, client, pending.version, reason, why, pending.maximum_packet_size);
}

void walk_users(proxy_state& state) {
  auto& walk = state.users_walk;
  for (auto left = base::change_walk_steps; left > 0 && walk.session < state.sessions.size(); --left) {
    const auto client = walk.session++;
    const auto& session = state.sessions[client];
    if (session.state == connection_state::claiming) {
      refuse_outdated(state, client);
    } else if (session.state == connection_state::connected) {
      const auto why = outdated_because(state, client, principal_of(session).user_name, session.users_version);
      if (why.empty()) continue;
      close_with_reason(state, client, mqtt::reason_code::not_authorized, why, ended_by::user_changed);
    }
  }
  if (walk.session < state.sessions.size()) return;
  walk.session = users_walk::over;
  walk.changed.clear();
}

}  // namespace

void on_rights_changed(proxy_state& state) {
  take_rules(state);
  state.rights_walk = {0, 0};
}

void on_users_changed(proxy_state& state, std::vector<std::string> changed) {
  ++state.users_version;
  for (auto& name : changed) state.users_walk.changed[std::move(name)] = state.users_version;
  state.users_walk.session = 0;
}

void walk_on(proxy_state& state) {
  if (state.rights_walk.session != rights_walk::over) walk_rights(state);
  if (state.users_walk.session != users_walk::over) walk_users(state);
}

}  // namespace headgate::proxy::gateway
