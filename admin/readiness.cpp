#include "admin/readiness.hpp"

namespace headgate::admin {

namespace {

// Less than this apart, two asks say nothing about what stands still.
constexpr std::uint64_t comparable_after_ms = 1000;

check check_workers(const std::optional<measures>& answer) {
  if (answer) return {"workers", true, std::to_string(answer->workers.size()) + " answered in time"};
  return {"workers", false, "a worker did not answer in time; it is overloaded or stands still"};
}

check check_accepts(const measures& measures) {
  for (const auto& each : measures.workers) {
    if (each.sockets.accepts_paused_now == 0) continue;
    return {"accepts", false, "new connections wait since no descriptor is free; raise the limit of open files"};
  }
  return {"accepts", true, "new connections are accepted"};
}

check check_logs(const measures& measures, const readiness_history& history, bool comparable) {
  for (const auto& worker : measures.workers) {
    for (const auto& [shard, view] : worker.shards) {
      const auto name = "the log of shard " + std::to_string(shard.value);
      if (view.log_failed != 0) {
        return {"logs", false, name + " refuses messages until a restart since its disk has failed; look at the disk"};
      }
      if (view.log_full != 0) return {"logs", false, name + " refuses messages since the disk is full; make room"};
      const auto then = history.logs.find(shard.value);
      if (!comparable || then == history.logs.end()) continue;
      const bool had_something = then->second.delivered < then->second.end;
      if (had_something && view.delivered == then->second.delivered) {
        return {"logs", false, name + " has committed nothing since offset " + std::to_string(view.delivered)};
      }
    }
  }
  return {"logs", true, "the logs of all shards commit"};
}

check check_sessions(const measures& measures) {
  if (measures.sessions.away == 0) return {"sessions", true, "sessions can be written"};
  return {"sessions", false, "sessions cannot be written to the disk, so new ones are refused; look at the disk"};
}

void remember(const measures& measures, std::uint64_t now_ms, readiness_history& history) {
  history.taken_ms = now_ms;
  history.logs.clear();
  for (const auto& worker : measures.workers) {
    for (const auto& [shard, view] : worker.shards) history.logs[shard.value] = {view.log_end, view.delivered};
  }
}

}  // namespace

std::vector<check> check_readiness(const std::optional<measures>& answer, bool draining, std::uint64_t now_ms,
                                   readiness_history& history) {
  std::vector<check> checks{check_workers(answer)};
  if (answer) {
    const bool comparable = history.taken_ms != 0 && now_ms - history.taken_ms >= comparable_after_ms;
    checks.push_back(check_accepts(*answer));
    checks.push_back(check_logs(*answer, history, comparable));
    checks.push_back(check_sessions(*answer));
    if (comparable || history.taken_ms == 0) remember(*answer, now_ms, history);
  } else {
    checks.push_back({"accepts", false, "unknown, since a worker did not answer"});
    checks.push_back({"logs", false, "unknown, since a worker did not answer"});
    checks.push_back({"sessions", false, "unknown, since a worker did not answer"});
  }
  checks.push_back({"draining", !draining, draining ? "this server was asked to go" : "this server stays"});
  return checks;
}

}  // namespace headgate::admin
