#include <system_error>
#include <utility>

#include "base/random.hpp"
#include "loadtest/relay/relay.hpp"
#include "loadtest/relay/resolve.hpp"
#include "net/connect_tcp.hpp"
#include "net/tcp.hpp"

// How connections come and go.
namespace headgate::loadtest::relay {

namespace {

constexpr std::uint64_t out_of_descriptors_pause_ns = 100'000'000;
constexpr int accepts_per_turn = 256;

}  // namespace

void relay::accept_clients() {
  for (int n = 0; n < accepts_per_turn; ++n) {
    bool out_of_descriptors = false;
    auto socket = net::accept(listener_.get(), &out_of_descriptors);
    if (out_of_descriptors) {  // they wait in the kernel until there is room
      poller_.set_interest(listener_.get(), 0, false, false);
      listen_again_ns_ = now_ns_ + out_of_descriptors_pause_ns;
    }
    if (!socket) return;
    take_client(std::move(socket));
  }
}

void relay::take_client(net::descriptor socket) {
  const auto number = ++log_.done.connections;
  identity whose;
  whose.number = number;
  if (const auto rule = plan_.refuse(whose)) {
    fault made;
    made.kind = fault_kind::refuse;
    made.rule = rule;
    made.connection = number;
    log_.add(made);
    return;
  }
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(connections_.size()));
    connections_.emplace_back();
    generations_.push_back(0);
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  const auto jitter_seed = base::random_source(options_.seed ^ number).next();
  connections_[slot] = std::make_unique<connection>(plan_, log_, pool_, number, jitter_seed);
  auto& at = *connections_[slot];
  at.slot = slot;
  at.generation = ++generations_[slot];
  ++log_.done.open;
  at.client.socket = std::move(socket);
  at.client.is_connected = true;
  refresh(at);
  at.has_server = !(at.of(direction::up).swallows && at.of(direction::down).swallows);
  if (const int error = at.has_server ? connect_to_server(at) : 0; error != 0) {
    fail_connect(error);
    close(at, true);
    return;
  }
  begin_polling(at, at.client, false);
  settle(at);
}

void relay::fail_connect(int error) {
  ++log_.done.failed_connects;
  if (std::exchange(has_told_unreachable_, true) || !options_.on_unreachable) return;
  options_.on_unreachable("the server " + as_text(endpoint{options_.target_address, options_.target_port}) +
                          " cannot be reached: " + std::generic_category().message(error) +
                          "; the client was reset, and others will be; the sums count them");
}

int relay::connect_to_server(connection& at) {
  net::connecting how;
  how.address = options_.target_address;
  how.port = options_.target_port;
  auto made = net::connect_tcp(how);
  if (!made.socket) return made.error;
  at.server.socket = std::move(made.socket);
  begin_polling(at, at.server, true);
  return 0;
}

void relay::begin_polling(connection& at, side& which, bool is_server) {
  poller_.add(which.socket.get(), key_of(at, which));
  which.is_polled = true;
  which.reads = !is_server;
  which.writes = is_server;  // tells that the connection stands
  if (is_server) poller_.set_interest(which.socket.get(), key_of(at, which), false, true);
}

// Takes over what the rules say of a connection as it is known now.
void relay::refresh(connection& at) {
  at.known = at.whose.speaks;
  for (const auto way : {direction::up, direction::down}) {
    auto& stream = at.of(way);
    stream.pace.set(plan_.pacing_of(at.whose, way), now_ns_);
    const auto hole = plan_.black_hole_of(at.whose, way);
    stream.swallows = hole != 0;
    if (hole != 0 && hole != stream.hole) {
      auto made = fault_of(fault_kind::black_hole, at);
      made.rule = hole;
      made.way = way;
      log_.add(made);
    }
    stream.hole = hole;
  }
}

void relay::close(connection& at, bool with_reset) {
  for (auto* each : {&at.client, &at.server}) {
    if (each->socket && with_reset) net::reset_on_close(each->socket.get());
  }
  --log_.done.open;
  free_slots_.push_back(at.slot);
  connections_[at.slot].reset();
}

}  // namespace headgate::loadtest::relay
