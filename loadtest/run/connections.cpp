#include "loadtest/run/connections.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/random.hpp"
#include "loadtest/run/clocks.hpp"
#include "net/connect_tcp.hpp"
#include "net/tcp.hpp"

namespace headgate::loadtest::run {

namespace {

constexpr std::size_t read_bytes = 512 * 1'024;
// What a client may have to say to a server that does not listen.
constexpr std::size_t largest_unsent = 64 * 1'024 * 1'024;
// A server that sends a larger packet is left.
constexpr std::size_t largest_packet = 64 * 1'024 * 1'024;
// Connections that share a source address, well below the number of ports that an address has.
constexpr std::uint32_t clients_an_address = 10'000;
constexpr std::uint64_t names_key = ~std::uint64_t{0};

std::string text_of(int error) {
  return std::generic_category().message(error);
}

std::string why_closed(const net::tls_stream* tls, int error) {
  if (error == 0) return "the server closed the connection";
  return tls != nullptr && !tls->failure().empty() ? "TLS: " + tls->failure() : text_of(error);
}

// Before the handshake is done. What is reset was connected, and the server did not like what came.
std::string why_broken(int error) {
  if (error != ECONNRESET) return text_of(error);
  return "TLS: the server broke the connection in the middle of the handshake: is this listener one with TLS?";
}

net::io_outcome receive(int fd, net::tls_stream* tls, std::span<std::uint8_t> into) {
  return tls != nullptr ? tls->receive(into) : net::receive(fd, into);
}

net::io_outcome send(int fd, net::tls_stream* tls, base::bytes data) {
  const std::array<base::bytes, 1> parts{data};
  return tls != nullptr ? tls->send(parts) : net::send(fd, parts);
}

// 127.x.y.1, so that several processes seldom share an address.
std::uint32_t random_loopback() {
  base::random_source random(now_ns());
  const auto middle = static_cast<std::uint32_t>(random.next() % 0xfffe + 1);
  return 0x7f00'0001U + (middle << 8);
}

}  // namespace

connections::connections(const core::plan& plan, bool spreads_sources)
    : addresses_(plan.targets), input_(read_bytes), spreads_sources_(spreads_sources), source_base_(random_loopback()) {
  std::size_t count = 0;
  for (const core::group& group : plan.groups) count += group.clients;
  connections_.resize(count);
  if (plan.tls.enabled) tls_ = std::make_unique<tls_clients>(plan, count);
  poller_.add(addresses_.fd(), names_key);
}

connections::~connections() {
  for (std::uint32_t client = 0; client < connections_.size(); ++client) release(client);
}

std::string connections::source_of(std::uint32_t client, const std::string& address) const {
  if (!spreads_sources_ || !address.starts_with("127.")) return {};
  const std::uint32_t source = source_base_ + client / clients_an_address;
  return "127." + std::to_string(source >> 16 & 255) + "." + std::to_string(source >> 8 & 255) + "." +
         std::to_string(source & 255);
}

void connections::fail(std::uint32_t client, std::string reason) {
  release(client);
  failed_.push_back({client, std::move(reason)});
}

void connections::connect(std::uint32_t client) {
  open(client);
}

void connections::open(std::uint32_t client) {
  connection& opened = connections_[client];
  opened.is_asked = false;
  const addresses::place where = addresses_.find(client, opened.failures, now_ns());
  if (!where.error.empty()) {
    ++opened.failures;
    return fail(client, where.error);
  }
  if (where.address.empty()) {
    opened.is_asked = true;
    return;
  }
  net::connect_outcome outcome = net::connect_tcp({where.address, where.port, source_of(client, where.address), true});
  if (outcome.error != 0) {
    ++opened.failures;
    return fail(client, text_of(outcome.error));
  }
  opened.socket = std::move(outcome.socket);
  if (!poller_.try_add(opened.socket.get(), client)) return fail(client, "the kernel has no room to watch a socket");
  opened.waits_for_room = false;
  if (tls_) opened.tls = tls_->begin(client, where.target, opened.socket.get());
}

void connections::watch_writing(std::uint32_t client, bool wanted) {
  connection& of = connections_[client];
  if (of.waits_for_room == wanted) return;
  of.waits_for_room = wanted;
  poller_.set_interest(of.socket.get(), client, true, wanted);
}

bool connections::send(std::uint32_t client, base::bytes data) {
  connection& to = connections_[client];
  if (!to.socket && !to.is_asked) return true;  // it has failed already, which the fleet is about to hear
  const bool is_ready = to.socket && (!to.tls || to.tls->is_established());
  if (to.unsent.empty() && is_ready) {
    const net::io_outcome outcome = run::send(to.socket.get(), to.tls.get(), data);
    if (outcome.what == net::io_outcome::kind::done) data = data.subspan(outcome.size);
    if (data.empty()) return true;
    // What the server said before it closed is still to be read; then the poller tells that it is closed.
    if (outcome.what == net::io_outcome::kind::closed) to.send_error = outcome.error;
  }
  if (to.unsent.size() > largest_unsent) {
    fail(client, "the server reads nothing while it sends");
    return true;
  }
  pool_.append(to.unsent, data);
  if (to.socket) watch_writing(client, true);
  return false;
}

void connections::close(std::uint32_t client) {
  if (connections_[client].socket) net::reset_on_close(connections_[client].socket.get());
  std::erase_if(failed_, [client](const failed& one) { return one.client == client; });
  release(client);
}

void connections::release(std::uint32_t client) {
  connection& of = connections_[client];
  if (of.socket || of.is_asked) of.failures = of.was_accepted ? 0 : static_cast<std::uint16_t>(of.failures + 1);
  of.was_accepted = false;
  if (of.tls) tls_->end(client, *of.tls);
  of.tls.reset();
  of.socket.reset();
  of.is_asked = false;
  of.waits_for_room = false;
  of.send_error = 0;
  pool_.give_back(of.partial);
  pool_.give_back(of.unsent);
}

void connections::end(core::fleet& fleet, std::uint32_t client, const std::string& reason) {
  // The server has ended it: a reset leaves neither side waiting, so that ports do not run out.
  close(client);
  core::on_closed(fleet, client, reason, now_ns());
}

void connections::read(core::fleet& fleet, std::uint32_t client) {
  connection& from = connections_[client];
  const std::size_t kept = from.partial.size();
  if (kept > input_.size() / 2) input_.resize(2 * kept + read_bytes);
  if (kept != 0) std::memcpy(input_.data(), from.partial.bytes().data(), kept);
  const net::io_outcome outcome = run::receive(from.socket.get(), from.tls.get(), std::span(input_).subspan(kept));
  if (outcome.what == net::io_outcome::kind::would_block) {
    if (from.tls && from.tls->receive_wants_write()) watch_writing(client, true);
    return;
  }
  if (outcome.what == net::io_outcome::kind::closed) {
    return end(fleet, client, why_closed(from.tls.get(), outcome.error != 0 ? outcome.error : from.send_error));
  }
  const base::bytes data{input_.data(), kept + outcome.size};
  const std::size_t taken = core::on_bytes(fleet, client, data, now_ns());
  if (!from.socket) return;  // the fleet closed it
  from.was_accepted = true;
  if (taken == data.size() && kept == 0) return;
  pool_.give_back(from.partial);
  if (taken < data.size()) pool_.append(from.partial, data.subspan(taken));
  if (from.partial.size() > largest_packet) end(fleet, client, "a packet of more than 64 MiB");
}

void connections::flush(core::fleet& fleet, std::uint32_t client) {
  connection& to = connections_[client];
  if (to.unsent.empty()) return watch_writing(client, false);
  const net::io_outcome outcome = run::send(to.socket.get(), to.tls.get(), to.unsent.bytes());
  if (outcome.what == net::io_outcome::kind::done) to.unsent.begin += static_cast<std::uint32_t>(outcome.size);
  if (!to.unsent.empty()) return;
  pool_.give_back(to.unsent);
  watch_writing(client, false);
  core::on_writable(fleet, client, now_ns());
}

bool connections::shake_hands(core::fleet& fleet, std::uint32_t client) {
  connection& of = connections_[client];
  switch (of.tls->shake_hands()) {
    case net::tls_stream::step::done:
      tls_->count(*of.tls);
      return true;
    case net::tls_stream::step::wants_read:
      watch_writing(client, false);
      return false;
    case net::tls_stream::step::wants_write:
      watch_writing(client, true);
      return false;
    case net::tls_stream::step::failed:
      end(fleet, client, "TLS: " + of.tls->failure());
      return false;
  }
  return false;
}

// What TLS has decrypted already no poll tells of.
void connections::read_all(core::fleet& fleet, std::uint32_t client) {
  const connection& from = connections_[client];
  do {
    read(fleet, client);
  } while (from.tls && from.tls->has_more());
}

// What was found may be of a connection that was closed since then.
void connections::on_event(core::fleet& fleet, net::poller::event event) {
  const auto client = static_cast<std::uint32_t>(event.key);
  const connection& of = connections_[client];
  if (of.tls && !of.tls->is_established()) {
    const int error = event.broken ? net::connect_error(of.socket.get()) : 0;
    if (error != 0) return end(fleet, client, why_broken(error));
    if (!shake_hands(fleet, client)) return;
    event.writable = true;
    event.readable = of.tls->has_more();
  }
  if (event.writable && of.socket) {
    if (of.tls && of.tls->receive_wants_write()) event.readable = true;
    flush(fleet, client);
  }
  if (event.readable && of.socket) read_all(fleet, client);
}

void connections::wait_ns(std::uint64_t timeout_ns) {
  poller_.wait_ns(failed_.empty() ? timeout_ns : 0);
}

void connections::handle(core::fleet& fleet) {
  for (const failed& one : std::exchange(failed_, {})) core::on_closed(fleet, one.client, one.reason, now_ns());
  while (poller_.has_event()) {
    const net::poller::event event = poller_.take();
    if (event.key == names_key) {
      for (const std::uint32_t client : addresses_.take(now_ns())) {
        if (!connections_[client].is_asked) continue;
        open(client);
        if (connections_[client].socket && !connections_[client].unsent.empty()) watch_writing(client, true);
      }
      continue;
    }
    on_event(fleet, event);
  }
}

}  // namespace headgate::loadtest::run
