#include "session-store/embedded/embedded_session_store.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/hash.hpp"
#include "base/overloaded.hpp"

namespace headgate::session_store::embedded {
namespace {

// Sweeps come and go in order, and a will that is forgotten brings its request back: neither is of an entry.
constexpr std::uint32_t outside_lines = 0xffff'fffe;
// Epochs of one life, in which no client connects so often.
constexpr unsigned epoch_bits = 32;

}  // namespace

embedded_session_store::embedded_session_store(store_thread& store, std::uint32_t engine, answers& answers,
                                               base::mailbox& letters, base::clock& clock,
                                               std::uint32_t max_stored_sessions)
    : store_(store),
      engine_(engine),
      answers_(answers),
      clock_(clock),
      max_stored_sessions_(max_stored_sessions),
      ids_(store.enter(engine, letters, *this)),
      forgotten_epoch_((store.life() - 1) << epoch_bits),
      kept_(ids_.size()) {}

embedded_session_store::~embedded_session_store() {
  store_.leave(engine_);
}

// The wall clock as it stood at start, and goes on from there.
std::uint64_t embedded_session_store::now_ms() {
  const auto start = store_.started();
  return start.wall.value + (clock_.now().monotonic.value - start.monotonic.value);
}

void embedded_session_store::submit(request&& request) {
  if (const auto* sweep = std::get_if<headgate::session_store::sweep>(&request)) {
    sweeps_.push_back(sweep->request);
    return store_.submit(engine_, outside_lines, sweep_job{now_ms()});
  }
  if (auto* forget = std::get_if<forget_will>(&request)) {
    const auto asked = forget->request;
    return store_.submit(engine_, outside_lines, forget_will_job{asked, std::move(forget->client_id), forget->number});
  }
  const std::string_view client_id = std::visit(
      [](const auto& asked) -> std::string_view {
        if constexpr (requires { asked.client_id; }) return asked.client_id;
        return {};
      },
      request);
  const auto hash = base::hash_of(client_id);
  auto number = find(hash, client_id);
  if (number == base::hash_index::none) number = add(hash, client_id);
  auto& entry = entries_[number];
  if (entry.busy) return wait_in_line(entry, std::move(request));
  entry.busy = true;
  auto answer = start(number, std::move(request));
  if (!answer) return;
  entry.busy = false;
  settle(number);
  answers_.on_answer(std::move(*answer));
}

// Of saves of one owner in a row only the last record counts.
void embedded_session_store::wait_in_line(entry& entry, request&& request) {
  auto& waiting = line_of(entry).waiting;
  const auto* next = std::get_if<save>(&request);
  auto* last = waiting.empty() ? nullptr : std::get_if<save>(&waiting.back());
  if (next != nullptr && last != nullptr && last->token == next->token) last->record = {};
  waiting.push_back(std::move(request));
}

std::optional<answer> embedded_session_store::start(std::uint32_t number, request&& request) {
  return std::visit(base::overloaded{
                        [&](claim& claim) { return start_claim(number, claim); },
                        [&](save& save) { return start_save(number, save); },
                        [&](release& release) { return start_release(number, release); },
                        [](auto&) -> std::optional<answer> {
                          HEADGATE_ASSERT(false);  // waits in no line
                          return std::nullopt;
                        },
                    },
                    request);
}

void embedded_session_store::on_outcome(std::uint32_t number, outcome&& outcome) {
  if (auto* swept = std::get_if<swept_out>(&outcome)) return on_swept(std::move(*swept));
  if (const auto* forgotten = std::get_if<embedded::forgotten>(&outcome)) {
    return answers_.on_answer(will_forgotten{forgotten->request});
  }
  auto& entry = entries_[number];
  auto& line = line_of(entry);
  if (auto* taken = std::get_if<embedded::taken>(&outcome)) {
    answers_.on_answer(end_take(entry, std::move(*taken)));
  } else if (line.claiming) {
    answers_.on_answer(end_first_claim(entry, std::get<written>(outcome).done));
  } else {
    end_write(entry);
  }
  go_on(number);
}

// What waited behind a job that is done.
void embedded_session_store::go_on(std::uint32_t number) {
  auto& entry = entries_[number];
  auto& waiting = line_of(entry).waiting;
  while (!waiting.empty()) {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    auto answer = start(number, std::move(next));
    if (!answer) return;
    answers_.on_answer(std::move(*answer));
  }
  entry.busy = false;
  settle(number);
}

void embedded_session_store::on_swept(swept_out&& swept) {
  for (const auto hash : swept.ended) ids_.erase(hash);
  kept_ -= std::min<std::uint64_t>(kept_, swept.ended.size());
  forgotten_epoch_ = std::max(forgotten_epoch_, swept.epoch);
  headgate::session_store::swept answer{sweeps_.front(), std::move(swept.all)};
  sweeps_.pop_front();
  answers_.on_answer(std::move(answer));
}

// Nothing is asked about it any more: it stays if it is held.
void embedded_session_store::settle(std::uint32_t number) {
  auto& entry = entries_[number];
  HEADGATE_ASSERT(!entry.busy && (!entry.line || entry.line->waiting.empty()));
  if (!entry.saved) entry.line.reset();
  if (entry.held) return;
  forgotten_epoch_ = std::max(forgotten_epoch_, entry.token.epoch);
  index_.erase(base::hash_of(entry.client_id.view()), number);
  entry = {};
  entries_.release(number);
}

std::uint32_t embedded_session_store::find(std::uint64_t hash, std::string_view client_id) const {
  return index_.find(hash, [&](std::uint32_t number) { return entries_[number].client_id.view() == client_id; });
}

std::uint32_t embedded_session_store::add(std::uint64_t hash, std::string_view client_id) {
  const auto number = entries_.acquire();
  auto& entry = entries_[number];
  entry.client_id = base::compact_string(client_id);
  entry.token.epoch = forgotten_epoch_;
  entry.on_disk = ids_.contains(hash);
  index_.insert(hash, number);
  return number;
}

embedded_session_store::line& embedded_session_store::line_of(entry& entry) {
  if (!entry.line) entry.line = std::make_unique<line>();
  return *entry.line;
}

}  // namespace headgate::session_store::embedded
