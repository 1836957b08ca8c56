#include <algorithm>

#include "base/limits.hpp"
#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

namespace {

// Adds those of the places that stand in the batch, the first of the log that has the first of them or a higher one;
// returns the places behind it.
std::span<const record::offset> take_from(const record::batch_ref& batch, std::span<const record::offset> places,
                                          link::worker_inbox& inbox) {
  auto& header = batch.header();
  const record::offset end{header.base_offset + header.count};
  record::for_each_record_while(header, [&](const record::record_header& record) {
    const record::offset place{header.base_offset + record.offset_delta};
    if (!record.has_offset()) return true;
    while (!places.empty() && places.front() < place) places = places.subspan(1);
    if (places.empty()) return false;
    if (place < places.front()) return true;
    inbox.entries.push_back({&record, place, static_cast<std::uint32_t>(inbox.ids.size()), 0});
    places = places.subspan(1);
    return !places.empty();
  });
  while (!places.empty() && places.front() < end) places = places.subspan(1);
  return places;
}

// Answers until the log answers `later`; returns the places from there on. An end follows when there is none.
std::span<const record::offset> answer(shard_state& state, const link::fetch_request& request,
                                       std::span<const record::offset> places, inboxes& workers) {
  auto& inbox = *workers[request.from.value];
  while (!places.empty()) {
    if (places.front() < state.log.start() || places.front() >= state.delivered) {
      places = places.subspan(1);
      continue;
    }
    const auto read = state.log.read(places.front());
    if (read.later) return places;
    if (!read.batch) {
      places = places.subspan(1);
      continue;
    }
    places = take_from(read.batch, places, inbox);
    const auto entries = inbox.take_entries();
    if (entries.count == 0) continue;
    inbox.messages.emplace_back(link::fetch_batch{state.id, request.client, entries.first, entries.count,
                                                  inbox.keep(read.batch), read.batch.header().timestamp_ms});
  }
  inbox.messages.emplace_back(link::fetch_end{state.id, request.client});
  return {};
}

}  // namespace

void on_fetch(shard_state& state, const link::fetch_request& request, std::span<const record::offset> places,
              inboxes& workers) {
  ++state.counters.fetches;
  const auto left = answer(state, request, places, workers);
  if (!left.empty()) state.waiting_fetches.push_back({request, {left.begin(), left.end()}});
}

void run_waiting_fetches(shard_state& state, inboxes& workers) {
  for (auto left = std::min(state.waiting_fetches.size(), base::log_reads_per_turn); left > 0; --left) {
    auto waiting = std::move(state.waiting_fetches.front());
    state.waiting_fetches.pop_front();
    const auto unanswered = answer(state, waiting.request, waiting.places, workers);
    if (unanswered.empty()) continue;
    waiting.places.erase(waiting.places.begin(), waiting.places.end() - static_cast<std::ptrdiff_t>(unanswered.size()));
    state.waiting_fetches.push_back(std::move(waiting));
  }
}

}  // namespace headgate::broker::shard
