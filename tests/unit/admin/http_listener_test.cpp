#include "admin/http_listener.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "tests/unit/admin/fake_server.hpp"

namespace headgate::admin {
namespace {

// A peer that says exactly what it is told.
class peer {
 public:
  explicit peer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{60, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;
  ~peer() { close(); }

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // What the other side does not take since it has closed is not sent.
  peer& send(const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
      const auto count = ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count < 0) break;
      sent += static_cast<std::size_t>(count);
    }
    return *this;
  }
  peer& end() {
    ::shutdown(fd_, SHUT_WR);
    return *this;
  }
  peer& get(const std::string& target) { return send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"); }

  // The status of the next response; its body is in body(). 0: the connection ended.
  int status() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return 0;
    }
    head_ = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    const auto field = head_.find("Content-Length: ");
    const std::size_t size = field == std::string::npos || without_body_ ? 0 : std::stoul(head_.substr(field + 16));
    while (received_.size() < size) {
      if (!receive()) return 0;
    }
    body_ = received_.substr(0, size);
    received_.erase(0, size);
    return std::stoi(head_.substr(9, 3));
  }
  // Everything up to the end of the connection; false: there was a reset or nothing for too long.
  bool ends() {
    while (receive()) continue;
    return ended_;
  }
  // Waits for a reset without reading anything.
  bool is_reset() const {
    pollfd entry{fd_, 0, 0};
    return ::poll(&entry, 1, 60'000) == 1 && (entry.revents & POLLERR) != 0;
  }
  void expect_no_body() { without_body_ = true; }
  const std::string& body() const { return body_; }
  const std::string& head() const { return head_; }
  const std::string& received() const { return received_; }

 private:
  bool receive() {
    std::array<char, 16384> bytes{};
    const auto count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    ended_ = count == 0 || (count < 0 && errno == ECONNRESET);
    if (count <= 0) return false;
    received_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }

  int fd_;
  bool ended_ = false;
  bool without_body_ = false;
  std::string received_;
  std::string head_;
  std::string body_;
};

struct http_test : testing::Test {
  void listen(answering answering = answering::at_once, const http_limits& limits = {}) {
    server = std::make_unique<fake_server>(answering);
    listener = std::make_unique<http_listener>(thread, "127.0.0.1", 0, *server, limits);
    thread.start();
  }
  void TearDown() override { thread.stop(); }
  std::uint16_t port() const { return listener->local_port(); }
  int health() const { return peer(port()).get("/healthz").status(); }

  service_thread thread;
  std::unique_ptr<fake_server> server;
  std::unique_ptr<http_listener> listener;
};

TEST_F(http_test, answers_one_request_after_the_other) {
  listen();
  peer peer(port());
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(peer.get("/healthz").status(), 200);
    EXPECT_EQ(peer.body(), "ok\n");
    EXPECT_NE(peer.head().find("Connection: keep-alive\r\n"), std::string::npos);
    EXPECT_EQ(peer.get("/nothing").status(), 404);
  }
}

TEST_F(http_test, answers_pipelined_requests_in_order) {
  listen(answering::from_another_thread);
  peer peer(port());
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  peer.send("GET /healthz" + host + "\r\nGET /api/v1/clients/x1" + host + "\r\nDELETE /api/v1/clients/x2" + host +
            "X-Headgate-Admin: 1\r\n\r\nGET /none" + host + "Connection: close\r\n\r\n");
  EXPECT_EQ(peer.status(), 200);
  EXPECT_EQ(peer.status(), 200);
  EXPECT_NE(peer.body().find("\"x1\""), std::string::npos);
  EXPECT_EQ(peer.status(), 204);
  EXPECT_EQ(peer.status(), 404);
  EXPECT_TRUE(peer.ends());
  EXPECT_EQ(server->kicked(), std::vector<std::string>{"x2"});
}

TEST_F(http_test, answers_head_without_a_body) {
  listen();
  peer peer(port());
  peer.expect_no_body();
  EXPECT_EQ(peer.send("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status(), 200);
  EXPECT_NE(peer.head().find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_TRUE(peer.ends());
  EXPECT_EQ(peer.received(), "");
}

TEST_F(http_test, closes_after_http_1_0) {
  listen();
  peer peer(port());
  EXPECT_EQ(peer.send("GET /healthz HTTP/1.0\r\n\r\n").status(), 200);
  EXPECT_TRUE(peer.ends());
}

TEST_F(http_test, wants_one_host) {
  listen();
  EXPECT_EQ(peer(port()).send("GET /healthz HTTP/1.1\r\n\r\n").status(), 400);
  EXPECT_EQ(peer(port()).send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n").status(), 400);
  EXPECT_EQ(peer(port()).send("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n").status(), 403);
  EXPECT_EQ(peer(port()).send("GET /healthz HTTP/1.0\r\nHost: evil.example\r\n\r\n").status(), 403);
}

TEST_F(http_test, asks_for_a_token_that_may_be_exchanged) {
  listen();
  const auto status = [&](const std::string& headers) {
    return peer(port()).send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n").status();
  };
  const std::string one = "Authorization: Bearer 0123456789abcdef\r\n";
  const std::string two = "authorization: bearer fedcba9876543210\r\n";
  EXPECT_EQ(status(""), 200);
  listener->set_token("0123456789abcdef");
  EXPECT_EQ(status(""), 401);
  EXPECT_EQ(status(one), 200);
  EXPECT_EQ(status(two), 401);
  EXPECT_EQ(status(one + one), 401) << "twice";
  EXPECT_EQ(health(), 200);
  listener->set_token("fedcba9876543210");
  EXPECT_EQ(status(one), 401);
  EXPECT_EQ(status(two), 200);
  peer asked(port());
  EXPECT_EQ(asked.get("/metrics").status(), 401);
  EXPECT_NE(asked.head().find("WWW-Authenticate: Bearer\r\n"), std::string::npos);
  EXPECT_EQ(asked.get("/healthz").status(), 200) << "the connection goes on";
}

TEST_F(http_test, says_that_it_drains) {
  listen();
  EXPECT_EQ(peer(port()).get("/readyz").status(), 200);
  listener->set_draining(true);
  peer peer(port());
  EXPECT_EQ(peer.get("/readyz").status(), 503);
  EXPECT_NE(peer.body().find(R"({"name":"draining","ok":false)"), std::string::npos);
  EXPECT_EQ(peer.get("/healthz").status(), 200);
}

TEST_F(http_test, refuses_a_port_in_use) {
  listen();
  try {
    const http_listener second(thread, "127.0.0.1", port(), *server);
    FAIL() << "two listeners have the same port";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_NE(std::string(error.what()).find("127.0.0.1:" + std::to_string(port())), std::string::npos);
  }
  EXPECT_THROW(http_listener(thread, "192.0.2.1", 0, *server), std::system_error);
  EXPECT_THROW(http_listener(thread, "nonsense", 0, *server), std::system_error);
}

TEST_F(http_test, refuses_what_is_no_request) {
  listen();
  for (const char* text : {"\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x10\x0f MQTT\r\n\r\n",
                           "GET / HTTP/1.1\r\nHost localhost\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
    peer peer(port());
    EXPECT_EQ(peer.send(text).status(), 400) << text;
    EXPECT_TRUE(peer.end().ends());
  }
}

TEST_F(http_test, bounds_what_a_request_takes) {
  listen();
  const std::string start = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
  EXPECT_EQ(peer(port()).send(start + "X: " + std::string(9000, 'x') + "\r\n\r\n").status(), 431);
  EXPECT_EQ(peer(port()).send(start + "X: " + std::string(7000, 'x') + "\r\n\r\n").status(), 200);
  EXPECT_EQ(peer(port()).send(start + "Content-Length: 65537\r\n\r\n" + std::string(65537, 'x')).status(), 413);
  peer peer(port());
  EXPECT_EQ(peer.send(start + "Content-Length: 65536\r\n\r\n" + std::string(65536, 'x')).status(), 200);
  EXPECT_EQ(peer.get("/healthz").status(), 200);
}

TEST_F(http_test, closes_who_is_slow) {
  http_limits limits;
  limits.request_ms = 50;
  limits.idle_ms = 50;
  listen(answering::at_once, limits);
  EXPECT_TRUE(peer(port()).ends()) << "nothing sent";
  EXPECT_TRUE(peer(port()).send("GET /healthz HTTP/1.1\r\nHost:").ends()) << "half a request";
  peer peer(port());
  EXPECT_EQ(peer.get("/healthz").status(), 200);
  EXPECT_TRUE(peer.ends()) << "no further request";
}

TEST_F(http_test, closes_who_does_not_read) {
  http_limits limits;
  limits.send_ms = 50;
  listen(answering::at_once, limits);
  peer peer(port());
  // Far more answers than two socket buffers hold; each is sent when the one before was taken.
  for (int n = 0; n < 5000; ++n) peer.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(peer.is_reset());
}

TEST_F(http_test, has_room_for_so_many_connections) {
  http_limits limits;
  limits.connections = 2;
  listen(answering::at_once, limits);
  peer first(port());
  EXPECT_EQ(first.get("/healthz").status(), 200);
  {
    peer second(port());
    EXPECT_EQ(second.get("/healthz").status(), 200);
    EXPECT_TRUE(peer(port()).ends());
    EXPECT_TRUE(second.end().ends());
  }
  EXPECT_EQ(peer(port()).get("/healthz").status(), 200) << "the place is free again";
}

TEST_F(http_test, does_not_wait_for_ever_for_an_answer) {
  http_limits limits;
  limits.answer_ms = 20;
  listen(answering::when_told, limits);
  peer peer(port());
  EXPECT_EQ(peer.get("/api/v1/stats").status(), 503);
  server->answer_now();  // late: it is nobody's answer any more
  EXPECT_EQ(peer.get("/healthz").status(), 200);
  EXPECT_EQ(peer.body(), "ok\n");
}

TEST_F(http_test, bears_answers_for_connections_that_are_gone) {
  listen(answering::when_told);
  {
    peer peer(port());
    peer.get("/api/v1/stats");
    while (server->asked() == 0) EXPECT_EQ(health(), 200);
  }
  server->answer_now();
  EXPECT_EQ(health(), 200);
}

TEST_F(http_test, bears_answers_after_its_end) {
  listen(answering::when_told);
  peer first(port());
  first.get("/api/v1/stats");
  while (server->asked() == 0) EXPECT_EQ(health(), 200);
  listener.reset();
  EXPECT_TRUE(first.ends());
  thread.stop();
  server->answer_now();
}

TEST_F(http_test, bears_random_bytes) {
  listen();
  std::mt19937 random(11);
  const std::vector<std::string> parts = {"GET ",
                                          "/healthz",
                                          " HTTP/1.1",
                                          "\r\n",
                                          "Host: localhost",
                                          "\r\n\r\n",
                                          "Content-Length: 5",
                                          "Transfer-Encoding: chunked",
                                          "DELETE ",
                                          "5\r\n"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto left = random() % 12; left > 0; --left) {
      text +=
          random() % 4 == 0 ? std::string(random() % 30, static_cast<char>(random())) : parts[random() % parts.size()];
    }
    EXPECT_TRUE(peer(port()).send(text).end().ends()) << round;
  }
  EXPECT_EQ(health(), 200);
}

}  // namespace
}  // namespace headgate::admin
