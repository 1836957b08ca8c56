#include "tests/bench/flood/crowd.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "mqtt/framing.hpp"
#include "net/connect_tcp.hpp"
#include "net/tcp.hpp"

namespace headgate::bench::flood {

namespace {

// What a server says to such a client is short.
constexpr std::size_t read_bytes = 4096;
constexpr std::uint32_t largest_packet = 65'536;

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char one : bytes) {
    text += digits[static_cast<unsigned char>(one) >> 4];
    text += digits[static_cast<unsigned char>(one) & 15];
  }
  return text;
}

}  // namespace

void crowd::open(visit visit, std::uint64_t now_ns) {
  const auto& sources = settings_.sources;
  const auto source = sources.empty() ? std::string() : sources[figures_.opened % sources.size()];
  ++figures_.opened;
  auto opened = net::connect_tcp({settings_.address, settings_.port, source, true});
  if (opened.error != 0) return count(visit, outcome::connect_failed, std::generic_category().message(opened.error));
  if (free_.empty()) {
    free_.push_back(connections_.size());
    connections_.emplace_back();
  }
  const auto at = free_.back();
  free_.pop_back();
  connections_[at] = connection{};
  connections_[at].socket = std::move(opened.socket);
  connections_[at].visit = std::move(visit);
  connections_[at].begun_ns = now_ns;
  ++open_;
  figures_.most_open = std::max(figures_.most_open, open_);
  poller_.add(connections_[at].socket.get(), at);
  send(at);
}

void crowd::watch_writing(std::size_t at, bool wanted) {
  auto& of = connections_[at];
  if (std::exchange(of.waits_for_room, wanted) == wanted) return;
  poller_.set_interest(of.socket.get(), at, true, wanted);
}

// Whether a connection that is broken now by this error had been made before.
bool crowd::stood(const connection& of, int error) {
  return of.first_is_out || of.sent > 0 || error == 0 || error == ECONNRESET || error == EPIPE;
}

// What the server said before it closed is still to be read; then the poller tells.
void crowd::send_failed(std::size_t at, int error) {
  if (stood(connections_[at], error)) return watch_writing(at, false);
  end(at, outcome::connect_failed, std::generic_category().message(error));
}

// The first, or what comes when it is in.
void crowd::send(std::size_t at) {
  auto& of = connections_[at];
  const auto& text = of.first_is_out ? of.visit.then : of.visit.first;
  const std::array<base::bytes, 1> rest{base::as_bytes(std::string_view(text).substr(of.sent))};
  const auto sent = net::send(of.socket.get(), rest);
  if (sent.what == net::io_outcome::kind::closed) return send_failed(at, sent.error);
  if (sent.what == net::io_outcome::kind::would_block) return watch_writing(at, true);
  of.sent += sent.size;
  figures_.bytes += sent.size;
  if (of.sent < text.size()) return watch_writing(at, true);
  watch_writing(at, false);
  of.sent = 0;
  if (of.first_is_out) {
    of.then_is_out = true;
    return;
  }
  of.first_is_out = true;
  if (of.visit.resets) return end(at, outcome::left);
  if (of.visit.ends_writing) net::shut_down_writes(of.socket.get());
}

void crowd::read(std::size_t at, std::uint64_t now_ns) {
  auto& of = connections_[at];
  std::array<std::uint8_t, read_bytes> input;
  const auto got = net::receive(of.socket.get(), input);
  if (got.what == net::io_outcome::kind::would_block) return;
  if (got.what == net::io_outcome::kind::closed) {
    if (!stood(of, got.error)) return end(at, outcome::connect_failed, std::generic_category().message(got.error));
    figures_.durations.record(now_ns - of.begun_ns);
    return end(at, outcome_of_closed(of));
  }
  of.received.append(reinterpret_cast<const char*>(input.data()), got.size);
  on_packets(at);
}

void crowd::on_packets(std::size_t at) {
  auto& of = connections_[at];
  std::size_t done = 0;
  const auto rest = [&of, &done] { return base::as_bytes(std::string_view(of.received).substr(done)); };
  for (auto found = mqtt::next_frame(rest(), largest_packet); found.what == mqtt::frame_outcome::kind::complete;
       found = mqtt::next_frame(rest(), largest_packet)) {
    done += found.size;
    const auto& [type, flags, body] = found.packet;
    // The return code of 3.1.1 and the reason code of 5 stand at the same place.
    if (type == mqtt::packet_type::connack && body.size() >= 2) (body[1] == 0 ? of.accepted : of.refused) = true;
    if (type == mqtt::packet_type::disconnect) of.told = true;
  }
  of.received.erase(0, done);
  if (!of.accepted || of.then_is_out) return;
  const bool may_be_in = of.visit.expected == ending::completed || of.visit.expected == ending::closed_when_in;
  if (!may_be_in) return end(at, outcome::accepted, "the server took it for good");
  if (!of.visit.then.empty() && of.first_is_out) send(at);
}

outcome crowd::outcome_of_closed(const connection& of) const {
  if (of.refused) return outcome::refused;
  if (!of.accepted) return outcome::closed;
  if (of.visit.expected == ending::completed && of.then_is_out && !of.told) return outcome::completed;
  return of.told ? outcome::told_when_in : outcome::closed_when_in;
}

void crowd::end(std::size_t at, outcome seen, const std::string& why) {
  auto& of = connections_[at];
  net::reset_on_close(of.socket.get());
  of.socket = net::descriptor();
  --open_;
  free_.push_back(at);
  count(of.visit, seen, why);
}

void crowd::count(const visit& visit, outcome seen, const std::string& why) {
  ++figures_.ended[static_cast<std::size_t>(visit.what)][static_cast<std::size_t>(seen)];
  if (is_right(visit.expected, seen)) return;
  if (figures_.wrong++ > 0) return;
  figures_.first_wrong = std::string(name_of(visit.what)) + " ended as " + std::string(name_of(seen)) +
                         (why.empty() ? "" : " (" + why + ")") + "; it sent " + hex_of(visit.first) +
                         (visit.then.empty() ? "" : " and then " + hex_of(visit.then));
}

// Between two waits a connection has one event at most, and none is opened meanwhile: an event is never of another one.
void crowd::handle(std::uint64_t now_ns) {
  while (poller_.has_event()) {
    const auto event = poller_.take();
    if (event.writable && connections_[event.key].waits_for_room) send(event.key);
    if (event.readable && connections_[event.key].socket) read(event.key, now_ns);
  }
}

void crowd::expire(std::uint64_t now_ns) {
  for (std::size_t at = 0; at < connections_.size(); ++at) {
    auto& of = connections_[at];
    if (!of.socket) continue;
    const bool may_wait = of.visit.expected == ending::closed_or_waited;
    if (now_ns < of.begun_ns + (may_wait ? settings_.patience_ns : settings_.timeout_ns)) continue;
    end(at, may_wait ? outcome::left : outcome::timed_out);
  }
}

}  // namespace headgate::bench::flood
