#include "worker/worker.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/counters.hpp"
#include "base/overloaded.hpp"
#include "proxy/gateway/barriers.hpp"
#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/change_walks.hpp"
#include "proxy/gateway/checkpoints.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/gauges.hpp"
#include "proxy/gateway/group_holding.hpp"
#include "proxy/gateway/groups.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/redelivering.hpp"
#include "proxy/gateway/storing.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::worker {

namespace gateway = proxy::gateway;
namespace shard = broker::shard;
namespace link = broker::link;
namespace sessions = session_store;

namespace {

// So that timers ring even if there is always something left to read.
constexpr int max_turns_without_timers = 100;

// An idle worker looks up so often: for wills and sessions that are due in its store, and groups that end.
constexpr int housekeeping_ms = 1000;

void tell_not_folded(base::log_sink& lines, base::shard_id shard) {
  const auto text = "not all of the log of shard " + std::to_string(shard.value) +
                    " could be read at the start: a QoS 2 message or a will that is sent again may come twice";
  lines.write({base::severity::error, "log_not_folded", text, {}});
}

}  // namespace

worker::worker(const process& process, base::worker_id id, ports ports, const engines& engines, std::uint64_t seed)
    : process_(process),
      id_(id),
      ports_(ports),
      mailbox_(ports.waker),
      desk_(id, process.incarnation, process.exchange, *this,
            [&](sessions::answers& answers) { return engines.sessions(answers, mailbox_); }),
      door_(engines.door(mailbox_)),
      rights_(engines.rights()),
      gateway_(process.limits,
               {id, process.incarnation, process.map, *process.logs, process.key_levels, process.bind_client_id,
                process.tell_reasons},
               {ports.clients, ports.log, desk_, desk_, *door_, *rights_, ports.clock}, ports.clock.now(), seed),
      times_(ports.clock) {
  inboxes_.resize(process.exchange.workers());
  for (std::uint16_t n = 0; n < process.map.shard_count(); ++n) {
    const base::shard_id shard{n};
    if (owner_of(shard) != id) continue;
    auto& owned = shards_.emplace_back();
    owned.log = engines.log(shard, mailbox_);
    process.logs->enter(shard, owned.log->id());
    owned.retained = engines.retained(shard, *owned.log, mailbox_);
    owned.state =
        std::make_unique<shard::shard_state>(shard, *owned.log, *owned.retained, process.limits.topic_entries);
    owned.state->dispatch_by_topic = process.limits.dispatch_by_topic;
    if (!shard::fold_log(*owned.state, ports.clock.now().wall)) tell_not_folded(ports.log, shard);
  }
  for_shards_.resize(shards_.size());
}

worker::~worker() = default;

void worker::turn() {
  ++turns_;
  poll();
  gateway_.now = ports_.clock.now();
  find_inboxes();
  mailbox_.run_all();
  gateway::walk_on(gateway_);
  gateway::watch_silence(gateway_);
  take_parcels();
  gateway_.received_us = times_.end(phase::inbox) / 1000;
  const bool blocked = process_.exchange.backlog(id_) > 0;
  left_over_ = blocked || ports_.sockets.read_clients(*this);
  times_.end(phase::read);
  hand_over();
  run_shards();
  times_.end(phase::shards);
  dispatch_all(inbox_);
  gateway::save_sessions(gateway_);
  gateway::run_checkpoints(gateway_);
  times_.end(phase::streams);
  gateway::flush_all(gateway_);
  inbox_.clear();
  times_.end(phase::flush);
  // Who is silent can be told only when all that came has been read; after a long stop that may take many turns.
  if (!left_over_ || (!blocked && ++turns_without_timers_ >= max_turns_without_timers)) {
    turns_without_timers_ = 0;
    gateway::on_timers(gateway_);
  }
  gateway::flush_all(gateway_);
  kept_.clear();
  process_.exchange.send_all(id_);
  times_.end(phase::timers);
}

void worker::run() {
  try {
    while (go_on()) {
    }
  } catch (...) {
    process_.exchange.leave(id_, true);  // or the others would wait for it
    throw;
  }
}

bool worker::go_on() {
  auto& exchange = process_.exchange;
  if (stage_ == stage::running) {
    // Nobody takes what is for a worker that has failed.
    if (!leaving_ || (exchange.backlog(id_) > 0 && !exchange.any_failed())) {
      turn();
      return true;
    }
    exchange.leave(id_);
    stage_ = stage::waiting_for_others;
  }
  if (stage_ == stage::waiting_for_others) {
    // What the others give back on their way out goes to the stores of their clients' directory workers.
    const bool is_last = exchange.all_left();
    turn();
    if (!is_last) return true;
    end_shards();
    // A store that is away is not waited for.
    patience_ends_ms_ = ports_.clock.now().monotonic.value + base::goodbye_patience_s * 1000;
    stage_ = stage::waiting_for_store;
  }
  if (desk_.is_idle() || ports_.clock.now().monotonic.value >= patience_ends_ms_) return false;
  turn();
  return true;
}

void worker::stop() {
  ports_.sockets.close_listeners();
  gateway::on_shutdown(gateway_);
  leaving_ = true;
}

worker_view worker::view() const {
  worker_view view;
  view.turns = turns_;
  view.phase_ns = times_.spent_ns();
  view.idle_ns = times_.idle_ns();
  view.parcels_waiting = process_.exchange.backlog(id_);
  view.gateway = gateway::view_of(gateway_);
  view.store = desk_.view();
  for (const auto& owned : shards_) base::add_counters(view.shard, shard::view_of(*owned.state));
  return view;
}

std::vector<numbered_shard> worker::shard_views() const {
  std::vector<numbered_shard> views;
  for (const auto& owned : shards_) views.push_back({owned.state->id, shard::view_of(*owned.state)});
  return views;
}

shard::shard_state* worker::shard(base::shard_id shard) {
  const bool is_here = shard.value < process_.map.shard_count() && owner_of(shard) == id_;
  return is_here ? owned(shard).state.get() : nullptr;
}

void worker::accepted(std::uint32_t client) {
  gateway::on_accepted(gateway_, client);
}

std::size_t worker::received(std::uint32_t client, base::bytes data, std::size_t* packet_size) {
  return gateway::on_bytes(gateway_, client, data, packet_size);
}

void worker::closed(std::uint32_t client) {
  gateway::on_closed(gateway_, client);
}

void worker::sent(std::uint32_t client, std::uint32_t still_pending) {
  gateway::on_sent(gateway_, client, still_pending);
}

void worker::store_answered(session_store::answer&& answer) {
  std::visit(base::overloaded{
                 [&](session_store::claimed& given) { gateway::on_claimed(gateway_, std::move(given)); },
                 [&](const session_store::saved& given) { gateway::on_saved(gateway_, given); },
                 [&](const session_store::released& given) { gateway::on_released(gateway_, given); },
                 [&](const session_store::swept& given) { gateway::on_swept(gateway_, given); },
                 [&](const session_store::will_forgotten& given) { gateway::on_will_forgotten(gateway_, given); },
             },
             answer);
}

void worker::takeover_asked(const session_store::takeover_ask& ask) {
  gateway::on_takeover_asked(gateway_, ask);
}

void worker::takeover_answered(const session_store::takeover_answer& answer) {
  gateway::on_takeover_answered(gateway_, answer);
}

base::worker_id worker::owner_of(base::shard_id shard) const {
  return base::worker_id{static_cast<std::uint16_t>(shard.value % process_.exchange.workers())};
}

// Nothing may wait for the poll that this worker could do now.
bool worker::has_work() const {
  // What another worker has no room for waits for that worker, who wakes this one.
  const bool blocked = process_.exchange.backlog(id_) > 0;
  if ((left_over_ && !blocked) || mailbox_.has_letters() || !gateway_.wants_read.empty() || !gateway_.unsaved.empty() ||
      !gateway_.credits_due.empty() || gateway::held_wants_turn(gateway_) || gateway::walks(gateway_) ||
      gateway::checkpoints_want_turn(gateway_) || gateway::watches_silence(gateway_))
    return true;
  if (std::any_of(shards_.begin(), shards_.end(), [](const auto& owned) { return shard::wants_turn(*owned.state); })) {
    return true;
  }
  return std::any_of(gateway_.shards.begin(), gateway_.shards.end(), [&](const auto& link) {
    const bool pending = !link->outgoing.empty() || link->builder.is_open() || !link->forgotten.empty();
    return pending && (owner_of(link->id) == id_ || !blocked);
  });
}

void worker::poll() {
  // When all have left, what they sent last is there.
  const bool may_sleep = !leaving_ || !process_.exchange.all_left() || !desk_.is_idle();
  const bool sleeps = may_sleep && !has_work() && process_.exchange.may_sleep(id_);
  const auto timers_ms = gateway_.timers.wait_ms(gateway_.now.monotonic);
  ports_.sockets.poll(!sleeps ? 0 : timers_ms < 0 ? housekeeping_ms : std::min(timers_ms, housekeeping_ms));
  process_.exchange.woke_up(id_);
  gateway_.received_us = (sleeps ? times_.end_sleep() : times_.end(phase::poll)) / 1000;
}

// What shards have for a worker goes into its inbox: its own, or that of the parcel being filled for it.
void worker::find_inboxes() {
  for (std::uint16_t n = 0; n < inboxes_.size(); ++n) {
    const base::worker_id other{n};
    inboxes_[n] = other == id_ ? &inbox_ : &process_.exchange.open(id_, other).inbox;
  }
}

void worker::take_parcels() {
  process_.exchange.receive(id_, [&](base::worker_id from, handover::parcel& parcel) {
    for (auto& part : parcel.shards()) {
      shard::run_messages(*owned(part.shard).state, part.inbox, gateway_.now.wall, inboxes_);
    }
    dispatch_all(parcel.inbox);
    // Outputs may refer to them until they are sent.
    std::move(parcel.inbox.batches.begin(), parcel.inbox.batches.end(), std::back_inserter(kept_));
    parcel.inbox.batches.clear();
    for (auto& request : parcel.store_requests) desk_.take(from, std::move(request));
    for (auto& answer : parcel.store_answers) store_answered(std::move(answer));
    for (const auto& ask : parcel.asks) takeover_asked(ask);
    for (const auto& answer : parcel.answers) takeover_answered(answer);
  });
}

// What the gateway has for the shards: to this worker's own directly, to others in their owners' parcels. A part of a
// parcel that could not be sent yet is not added to, since its lists are counted from its own beginning.
void worker::hand_over() {
  gateway::hand_over_reads(gateway_);
  gateway::hand_over_credits(gateway_);
  gateway::ask_behind_credits(gateway_);
  for (auto& link : gateway_.shards) {
    gateway::seal_batch(gateway_, *link);
    gateway::hand_over_forgotten(gateway_, *link);
    gateway::ask_barrier(gateway_, *link);
    if (link->outgoing.empty()) continue;
    const auto owner = owner_of(link->id);
    auto& inbox = owner == id_ ? for_shards_[link->id.value / process_.exchange.workers()]
                               : process_.exchange.open(id_, owner).shard(link->id);
    if (inbox.empty()) std::swap(inbox, link->outgoing);
  }
}

void worker::run_shards() {
  for (std::size_t n = 0; n < shards_.size(); ++n) {
    auto& state = *shards_[n].state;
    if (!for_shards_[n].empty()) shard::run_messages(state, for_shards_[n], gateway_.now.wall, inboxes_);
    shard::run_turn(state, gateway_.now, inboxes_);
  }
}

// Groups whose members have all left by now go on where they are when the next process has the log.
void worker::end_shards() {
  find_inboxes();
  for (auto& owned : shards_) {
    shard::log_groups(*owned.state, gateway_.now.wall, inboxes_, true);
    shard::run_turn(*owned.state, gateway_.now, inboxes_);
  }
}

void worker::dispatch_all(link::worker_inbox& inbox) {
  for (const auto& message : inbox.messages) dispatch(inbox, message);
}

void worker::dispatch(const link::worker_inbox& inbox, const link::to_worker& message) {
  const auto entries = [&](const auto& part) {
    return std::span<const link::stream_entry>(inbox.entries).subspan(part.first_entry, part.entry_count);
  };
  auto& state = gateway_;
  std::visit(
      base::overloaded{
          [&](const link::stream_batch& batch) {
            gateway::on_stream(state, batch, entries(batch), inbox.ids, inbox.batches[batch.batch]);
          },
          [&](const link::stream_progress& progress) { gateway::on_stream_progress(state, progress); },
          [&](const link::appended& done) { gateway::on_appended(state, done); },
          [&](const link::refused& refused) { gateway::on_refused(state, refused); },
          [&](const link::route_registered& route) { gateway::on_route_registered(state, route); },
          [&](const link::route_withdrawn& route) { gateway::on_route_withdrawn(state, route); },
          [&](const link::read_batch& batch) { gateway::on_read_batch(state, batch, entries(batch), inbox.ids); },
          [&](const link::read_end& end) { gateway::on_read_end(state, end); },
          [&](const link::fetch_batch& batch) { gateway::on_fetch_batch(state, batch, entries(batch)); },
          [&](const link::fetch_end& end) { gateway::on_fetch_end(state, end); },
          [&](const link::retained_message& one) {
            gateway::on_retained_message(state, one, inbox.entries[one.entry]);
          },
          [&](const link::retained_end& end) { gateway::on_retained_end(state, end); },
          [&](const link::group_message& one) {
            gateway::on_group_message(state, one, inbox.entries[one.entry], inbox.ids);
          },
          [&](const link::barrier_passed& passed) { gateway::on_barrier_passed(state, passed); },
      },
      message);
}

}  // namespace headgate::worker
