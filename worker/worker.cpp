#include "worker/worker.hpp"

#include "proxy/gateway/catching_up.hpp"
#include "proxy/gateway/events.hpp"
#include "proxy/gateway/output.hpp"
#include "proxy/gateway/subscribing.hpp"

namespace headgate::worker {

namespace gateway = proxy::gateway;
namespace shard = broker::shard;
namespace link = broker::link;

namespace {

// So that timers ring even if there is always something left to read.
constexpr int max_turns_without_timers = 100;

template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

}  // namespace

worker::worker(const base::limits& limits, base::worker_id id, ports ports, std::uint64_t seed)
    : ports_(ports),
      mailbox_(ports.waker),
      gateway_(limits, id, ports.clients, ports.log, ports.clock.now(), seed),
      log_(limits.log_memory_bytes),
      shard_(base::shard_id{0}, log_, limits.topic_entries),
      inboxes_{&inbox_} {
  const broker::record::producer_id producer{gateway_.random.next()};
  gateway_.shards.push_back(std::make_unique<gateway::shard_link>(producer));
}

void worker::turn() {
  ++turns_;
  ports_.sockets.poll(wait_ms());
  gateway_.now = ports_.clock.now();
  mailbox_.run_all();
  left_over_ = ports_.sockets.read_clients(*this);
  gateway::hand_over_reads(gateway_);
  run_shard();
  for (const auto& message : inbox_.messages) dispatch(message);
  gateway::flush_all(gateway_);
  inbox_.clear();
  // Who is silent can be told only when all that came has been read; after a long stop that may take many turns.
  if (!left_over_ || ++turns_without_timers_ >= max_turns_without_timers) {
    turns_without_timers_ = 0;
    gateway::on_timers(gateway_);
  }
  gateway::flush_all(gateway_);
}

void worker::run() {
  while (!stopping_) turn();
}

void worker::stop() {
  ports_.sockets.close_listeners();
  gateway::on_shutdown(gateway_);
  stopping_ = true;
}

worker_view worker::view() const {
  worker_view view{turns_, gateway_.counters, shard_.counters};
  view.shard.topics = shard_.topics.size();
  view.shard.log_start = log_.start().value;
  view.shard.log_end = log_.end().value;
  return view;
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

// Nothing may wait for the poll that this worker could do now.
int worker::wait_ms() const {
  if (left_over_ || mailbox_.has_letters() || !gateway_.wants_read.empty() ||
      !gateway_.shards.front()->outgoing.empty())
    return 0;
  return gateway_.timers.wait_ms(gateway_.now.monotonic);
}

void worker::run_shard() {
  auto& to_shard = *gateway_.shards.front();
  gateway::seal_batch(gateway_, to_shard);
  for_shard_.swap(to_shard.outgoing);
  for (auto& message : for_shard_) {
    std::visit(overloaded{
                   [&](link::publish_batch& batch) {
                     shard::on_publish_batch(shard_, std::move(batch), gateway_.now.wall, inboxes_);
                   },
                   [&](const link::register_route& route) { shard::on_register_route(shard_, route, inboxes_); },
                   [&](const link::withdraw_route& route) { shard::on_withdraw_route(shard_, route, inboxes_); },
                   [&](const link::read_request& request) { shard::on_read(shard_, request, inboxes_); },
               },
               message);
  }
  for_shard_.clear();
}

void worker::dispatch(const link::to_worker& message) {
  const auto entries = [&](const auto& part) {
    return std::span<const link::stream_entry>(inbox_.entries).subspan(part.first_entry, part.entry_count);
  };
  std::visit(
      overloaded{
          [&](const link::stream_batch& batch) { gateway::on_stream(gateway_, entries(batch), inbox_.ids); },
          [&](const link::appended& done) { gateway::on_appended(gateway_, done); },
          [&](const link::route_registered& route) { gateway::on_route_registered(gateway_, route); },
          [&](const link::route_withdrawn& route) { gateway::on_route_withdrawn(gateway_, route); },
          [&](const link::read_batch& batch) { gateway::on_read_batch(gateway_, batch, entries(batch), inbox_.ids); },
          [&](const link::read_end& end) { gateway::on_read_end(gateway_, end); },
      },
      message);
}

}  // namespace headgate::worker
