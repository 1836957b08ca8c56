#include "base/hash.hpp"
#include "session-store/embedded/keys.hpp"
#include "session-store/embedded/table.hpp"
#include "session-store/embedded/tuning.hpp"

namespace headgate::session_store::embedded {

std::uint64_t give_will(table& table, std::string_view client_id, std::string_view will, changes& changes) {
  const auto number = table.next_given++;
  changes.put(given_will_key(number, client_id), will);
  return number;
}

void give_left_wills(table& table, std::uint32_t engine, std::size_t most, std::vector<due>& all) {
  auto& from = table.given_from[engine];
  auto next = given_will_key(table.first_given, {});
  if (next <= from) return;
  std::size_t looked_at = 0;
  const bool well = table.store->scan(from, std::string(next), [&](std::string_view key, std::string_view will) {
    const auto place = place_of_given_will_key(key);
    if (!place) return true;
    if (all.size() == most || ++looked_at > looked_at_per_sweep) {
      next = key;
      return false;
    }
    if (base::hash_of(place->client_id) % table.engines != engine) return true;
    all.push_back({std::string(place->client_id), std::string(will), place->number});
    return true;
  });
  if (well) from = std::move(next);
}

forgotten run(table&, const forget_will_job& job, std::uint32_t, changes& changes) {
  changes.erase(given_will_key(job.number, job.client_id));
  return {job.request};
}

}  // namespace headgate::session_store::embedded
