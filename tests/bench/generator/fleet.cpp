#include "fleet.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "mqtt/connect.hpp"

namespace headgate::bench {

namespace {

constexpr std::size_t read_buffer_size = 512 * 1'024;
constexpr std::size_t events_a_turn = 4'096;
// Connections that share a source address, well below the number of ports that an address has.
constexpr std::uint32_t connections_an_address = 10'000;
constexpr std::uint32_t addresses = 200;

[[noreturn]] void fail(int error, const std::string& doing) {
  throw std::system_error(error, std::generic_category(), doing);
}

}  // namespace

fleet::fleet(const options& chosen, sockets kind)
    : chosen_(chosen), kind_(kind), buffer_(read_buffer_size), events_(events_a_turn) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) fail(errno, "epoll_create1");
}

fleet::~fleet() {
  for (connection& client : clients_) {
    if (client.descriptor >= 0) ::close(client.descriptor);
  }
  ::close(epoll_);
}

int fleet::open_socket() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) fail(errno, "a socket cannot be opened (is the limit of descriptors, ulimit -n, too low?)");
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(chosen_.port);
  if (inet_pton(AF_INET, chosen_.host.c_str(), &target.sin_addr) != 1) fail(EINVAL, "--target is no IPv4 address");
  const int on = 1;
  if (kind_ == sockets::kept) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (kind_ == sockets::kept && chosen_.host.starts_with("127.")) {
    // All of 127.0.0.0/8 is this machine: a run may need more ports than one address has.
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(0x7f010001U + opened_ / connections_an_address % addresses);
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) fail(errno, "bind");
  }
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    const int error = errno;
    ::close(descriptor);
    fail(error, "no connection to " + chosen_.host + ":" + std::to_string(chosen_.port));
  }
  return descriptor;
}

std::uint32_t fleet::open(std::string_view client_id) {
  const int descriptor = open_socket();
  std::uint32_t client = static_cast<std::uint32_t>(clients_.size());
  if (free_.empty()) {
    clients_.emplace_back();
  } else {
    client = free_.back();
    free_.pop_back();
  }
  ++opened_;
  clients_[client].descriptor = descriptor;
  mqtt::connect packet;
  packet.version = chosen_.version;
  packet.clean_start = true;
  packet.client_id = client_id;
  std::uint8_t data[256];
  if (mqtt::encoded_size(packet) > sizeof data) throw std::invalid_argument("a client id is too long");
  send(client, {data, mqtt::encode(packet, data)});
  return client;
}

bool fleet::await_readable(std::uint32_t client, double seconds) const {
  pollfd ready{clients_[client].descriptor, POLLIN, 0};
  return ::poll(&ready, 1, static_cast<int>(seconds * 1'000)) != 0;
}

std::span<const std::uint8_t> fleet::await(std::uint32_t client, double seconds) {
  connection& from = clients_[client];
  from.partial.clear();
  for (;;) {
    if (!await_readable(client, seconds)) {
      throw std::runtime_error("client " + std::to_string(client) + " got no answer from the server while setting up");
    }
    const std::size_t kept = from.partial.size();
    from.partial.resize(kept + 4'096);
    const auto got = ::recv(from.descriptor, from.partial.data() + kept, 4'096, MSG_DONTWAIT);
    from.partial.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) closed_unless_again(client, got == 0 ? 0 : errno, false);
    packet found;
    const auto* const begin = from.partial.data();
    if (const std::uint8_t* end = split_packet(begin, begin + from.partial.size(), found)) {
      if (end != begin + from.partial.size()) {
        throw std::runtime_error("client " + std::to_string(client) +
                                 " received more than one packet while setting up");
      }
      buffer_.assign(begin, end);
      from.partial.clear();
      const std::size_t size = buffer_.size();
      buffer_.resize(read_buffer_size);
      return {buffer_.data(), size};
    }
  }
}

void fleet::set_interest(std::uint32_t client, int operation) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (!clients_[client].unsent.empty()) event.events |= EPOLLOUT;
  event.data.u32 = client;
  if (epoll_ctl(epoll_, operation, clients_[client].descriptor, &event) != 0) fail(errno, "epoll_ctl");
}

void fleet::watch(std::uint32_t client) {
  set_interest(client, EPOLL_CTL_ADD);
  clients_[client].watched = true;
}

void fleet::close(std::uint32_t client) {
  connection& closing = clients_[client];
  // The server has closed its side already: a reset leaves neither side in TIME_WAIT, so that ports do not run out.
  const linger reset{1, 0};
  setsockopt(closing.descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ::close(closing.descriptor);
  closing.descriptor = -1;
  closing.watched = false;
  closing.partial.clear();
  closing.unsent.clear();
  free_.push_back(client);
}

std::span<const epoll_event> fleet::wait(std::uint64_t timeout_ns) {
  const timespec timeout{static_cast<time_t>(timeout_ns / 1'000'000'000U),
                         static_cast<long>(timeout_ns % 1'000'000'000U)};
  const int count = epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) fail(errno, "epoll_pwait2");
  return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

void fleet::send(std::uint32_t client, std::span<const std::uint8_t> data) {
  connection& to = clients_[client];
  if (to.unsent.empty()) {
    const auto sent = ::send(to.descriptor, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) closed_unless_again(client, errno, false);
    data = data.subspan(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    if (data.empty()) return;
  }
  const bool waits_already = !to.unsent.empty();
  to.unsent.insert(to.unsent.end(), data.begin(), data.end());
  if (!waits_already && to.watched) set_interest(client, EPOLL_CTL_MOD);
}

void fleet::resume(std::uint32_t client) {
  connection& to = clients_[client];
  if (to.unsent.empty()) return;
  const auto sent = ::send(to.descriptor, to.unsent.data(), to.unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) closed_unless_again(client, errno, false);
  if (sent > 0) to.unsent.erase(to.unsent.begin(), to.unsent.begin() + sent);
  if (to.unsent.empty() && to.watched) set_interest(client, EPOLL_CTL_MOD);
}

bool fleet::closed_unless_again(std::uint32_t client, int error, bool may_close) const {
  if (error == EAGAIN || error == EINTR) return true;
  if (may_close) return false;
  const std::string who = "the server closed the connection of client " + std::to_string(client);
  if (error == 0) throw std::runtime_error(who);
  fail(error, who);
}

}  // namespace headgate::bench
