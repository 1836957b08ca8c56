#include "proxy/gateway/rights.hpp"

#include "mqtt/topic.hpp"

namespace headgate::proxy::gateway {

void take_rules(proxy_state& state) {
  const auto& rights = state.ports.rights;
  state.rights_version = rights.version();
  if (!rights.has_rules()) {
    state.rights_cache.reset();
  } else if (!state.rights_cache) {
    state.rights_cache = std::make_unique<gateway::rights_cache>();
  }
}

bool ask_right(proxy_state& state, std::uint32_t client, std::string_view topic, std::uint64_t topic_hash,
               right right) {
  const auto ask = [&] {
    const auto who = principal_of(state.sessions[client]);
    return right == right::write ? state.ports.rights.may_write(who, topic) : state.ports.rights.may_read(who, topic);
  };
  if (!state.rights_cache) return ask();
  auto& cache = *state.rights_cache;
  const auto ref = state.ref_of(client);
  if (const auto known = cache.find(ref, topic, topic_hash, state.rights_version, right)) return *known;
  const bool verdict = ask();
  cache.keep(ref, topic, topic_hash, state.rights_version, right, verdict);
  return verdict;
}

reach reach_of(const proxy_state& state, const session::session& session, std::string_view filter) {
  const auto shared = mqtt::split_shared_filter(filter);
  return state.ports.rights.may_subscribe(principal_of(session), shared ? shared->filter : filter);
}

}  // namespace headgate::proxy::gateway
