#include "admin/http_connection.hpp"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <ctime>
#include <optional>

#include "admin/response_text.hpp"
#include "admin/router.hpp"

namespace headgate::admin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t read_bytes = 4096;
// What is still read of a peer that was told why it is closed, so that the word reaches it: a close with bytes unread
// would reset the connection.
constexpr std::size_t drained_bytes = 256 * 1024;

// The answer to what is no request; nothing: the peer is gone, or was too slow.
std::optional<response> answer_to(beast::error_code error, const http_limits& limits) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return error_response(431, "a request's header may have " + std::to_string(limits.header_bytes) + " bytes");
  }
  if (error == http::error::body_limit) {
    return error_response(413, "a request's body may have " + std::to_string(limits.body_bytes) + " bytes");
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() != http::make_error_code(http::error::bad_method).category()) return std::nullopt;
  return error_response(400, "this is no HTTP/1.1 request (" + error.message() + ")");
}

}  // namespace

// Its states, and what it waits for in each:
//   idle       the first byte of a request    -> reading, or ends
//   reading    the whole request              -> answering, or refused: writing and then draining
//   answering  the response, from the router  -> writing
//   writing    the peer to take it            -> idle, or draining if it is the last one
//   draining   the peer to close              -> ends
class http_connection : public std::enable_shared_from_this<http_connection> {
 public:
  http_connection(asio::ip::tcp::socket socket, std::shared_ptr<http_shared> shared)
      : shared_(std::move(shared)),
        stream_(std::move(socket)),
        patience_(stream_.get_executor()),
        buffer_(shared_->limits.header_bytes + shared_->limits.body_bytes + read_bytes) {
    shared_->connections.insert(this);
    beast::error_code ignored;  // only slower
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  ~http_connection() { shared_->connections.erase(this); }

  void wait_for_request() {
    if (buffer_.size() > 0) return read_request();  // pipelined
    stream_.expires_after(milliseconds(shared_->limits.idle_ms));
    stream_.async_read_some(buffer_.prepare(read_bytes),
                            [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
                              if (error) return;
                              self->buffer_.commit(bytes);
                              self->read_request();
                            });
  }

  void close() {
    ++exchange_;
    patience_.cancel();
    stream_.close();
  }

 private:
  void read_request() {
    parser_.emplace();
    parser_->header_limit(shared_->limits.header_bytes);
    parser_->body_limit(shared_->limits.body_bytes);
    stream_.expires_after(milliseconds(shared_->limits.request_ms));
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) return self->ask_router();
      if (auto refusal = answer_to(error, self->shared_->limits)) {
        self->form_ = {};
        self->write(*refusal);
      }
    });
  }

  void ask_router() {
    const auto& message = parser_->get();
    form_ = {message.method() == http::verb::head, parser_->keep_alive(), 0};
    request request{std::string(message.method_string()), std::string(message.target()), std::nullopt,
                    message.count("X-Headgate-Admin") != 0, std::nullopt};
    if (message.count(http::field::host) == 1) request.host = std::string(message[http::field::host]);
    if (message.version() < 11 && message.count(http::field::host) == 0) request.host = "localhost";  // knew none
    if (message.count(http::field::authorization) == 1)
      request.authorization = std::string(message[http::field::authorization]);
    stream_.expires_never();
    const auto exchange = ++exchange_;
    // Holds the connection until the response is there.
    patience_.expires_after(milliseconds(shared_->limits.answer_ms));
    patience_.async_wait([self = shared_from_this(), exchange](beast::error_code error) {
      if (!error) self->answer(exchange, no_answer());
    });
    route(request, shared_->bind, shared_->services, [weak = weak_from_this(), exchange](const response& response) {
      if (const auto self = weak.lock()) self->answer(exchange, response);
    });
  }

  // Only the first one counts: what comes after the patience has ended belongs to no request.
  void answer(std::uint64_t exchange, const response& response) {
    if (exchange != exchange_) return;
    ++exchange_;
    patience_.cancel();
    write(response);
  }

  void write(const response& response) {
    form_.now = std::time(nullptr);
    text_ = response_text(response, form_);
    stream_.expires_after(milliseconds(shared_->limits.send_ms));
    asio::async_write(stream_, asio::buffer(text_), [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return;
      self->text_ = {};
      if (self->form_.keep_alive) return self->wait_for_request();
      self->stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
      self->stream_.expires_after(milliseconds(self->shared_->limits.request_ms));
      self->drain(drained_bytes);
    });
  }

  void drain(std::size_t left) {
    stream_.async_read_some(asio::buffer(drained_),
                            [self = shared_from_this(), left](beast::error_code error, std::size_t bytes) {
                              if (!error && bytes < left) self->drain(left - bytes);
                            });
  }

  std::shared_ptr<http_shared> shared_;
  beast::tcp_stream stream_;
  asio::steady_timer patience_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  response_form form_;          // of the response to the request that was read last
  std::uint64_t exchange_ = 0;  // changes when a request begins to be answered and when it is
  std::string text_;            // under way to the peer
  std::array<char, 1024> drained_{};
};

void serve_connection(asio::ip::tcp::socket socket, const std::shared_ptr<http_shared>& shared) {
  std::make_shared<http_connection>(std::move(socket), shared)->wait_for_request();
}

void close_connections(http_shared& shared) {
  for (auto* connection : shared.connections) connection->close();
}

}  // namespace headgate::admin
