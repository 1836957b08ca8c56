#include <utility>

#include "session-store/embedded/embedded_session_store.hpp"

namespace headgate::session_store::embedded {

// As it is stored while its owner lives, but for the record.
stored_value embedded_session_store::value_of(const entry& entry) const {
  stored_value value;
  value.epoch = entry.token.epoch;
  value.user = entry.user;
  value.life = store_.life();
  value.saved = true;
  set_times(value, entry.expiry_s, entry.has_will, entry.will_s, 0);
  return value;
}

std::optional<answer> embedded_session_store::start_save(std::uint32_t number, save& save) {
  auto& entry = entries_[number];
  if (!entry.held || entry.token != save.token) return saved{save.request, false};
  auto& line = line_of(entry);
  if (!entry.on_disk) {
    line.record = std::move(save.record);
    entry.saved = true;
    return saved{save.request, true};
  }
  line.saving.push_back(save.request);
  // Those that wait behind it, and of which only the last has a record.
  auto* last = &save;
  headgate::session_store::save next;
  while (!line.waiting.empty()) {
    auto* waiting = std::get_if<headgate::session_store::save>(&line.waiting.front());
    if (waiting == nullptr || waiting->token != save.token) break;
    next = std::move(*waiting);
    last = &next;
    line.waiting.pop_front();
    line.saving.push_back(next.request);
  }
  put_job job;
  job.client_id = entry.client_id.view();
  job.value = value_of(entry);
  job.value.record = std::move(last->record);
  job.due_stays = true;
  store_.submit(engine_, number, std::move(job));
  return std::nullopt;
}

std::optional<answer> embedded_session_store::start_release(std::uint32_t number, release& release) {
  auto& entry = entries_[number];
  if (!entry.held || entry.token != release.token) return released{release.request, false};
  auto& after = release.afterlife;
  if (after.expiry_s != 0 && max_stored_sessions_ != 0 && kept_ >= max_stored_sessions_) {
    after.expiry_s = 0;
    ++not_kept_;
  }
  entry.held = false;
  --held_;
  entry.saved = false;
  const auto was = value_of(entry);
  if (after.expiry_s == 0 && after.will.empty()) {
    if (!entry.on_disk) return released{release.request, true};
    line_of(entry).releasing = release.request;
    store_.submit(engine_, number, erase_job{std::string(entry.client_id.view()), was.due_ms(), entry.has_will});
    entry.kept = false;
    return std::nullopt;
  }
  ++kept_;
  entry.kept = true;
  put_job job;
  job.client_id = entry.client_id.view();
  job.value.epoch = entry.token.epoch;
  job.value.user = entry.user;
  job.value.saved = true;
  if (after.expiry_s != 0) job.value.record = std::move(release.record);
  set_times(job.value, after.expiry_s, !after.will.empty(), after.will_s, now_ms());
  if (entry.on_disk) job.was_due = was.due_ms();
  if (job.value.has_will || (entry.on_disk && entry.has_will)) job.will = std::move(after.will);
  line_of(entry).releasing = release.request;
  store_.submit(engine_, number, std::move(job));
  return std::nullopt;
}

// A save or a release is written.
void embedded_session_store::end_write(entry& entry) {
  auto& line = line_of(entry);
  if (line.saving.empty()) {
    set_on_disk(entry, entry.kept);
    return answers_.on_answer(released{line.releasing, true});
  }
  const auto answered = std::exchange(line.saving, {});
  for (const auto request : answered) answers_.on_answer(saved{request, true});
}

}  // namespace headgate::session_store::embedded
