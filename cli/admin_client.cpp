#include "cli/admin_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>

namespace headgate::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

// Longer than the listener waits for a worker, so that it can say that.
constexpr std::chrono::seconds patience(15);
constexpr std::uint64_t largest_answer = 64ULL * 1024 * 1024;

// One request, from connecting to the end of the answer. The first error ends it.
class exchange {
 public:
  exchange(const std::string& host, const std::string& port, std::string request)
      : host_(host), port_(port), request_(std::move(request)) {
    parser_.body_limit(largest_answer);
  }

  beast::error_code run() {
    const auto endpoints = asio::ip::tcp::resolver(context_).resolve(host_, port_, error_);
    if (error_) return error_;
    stream_.expires_after(patience);
    stream_.async_connect(endpoints, [this](beast::error_code error, const auto&) {
      if (!failed(error)) write();
    });
    context_.run();
    return error_;
  }
  admin_answer answer() {
    auto message = parser_.release();
    return {message.result_int(), std::move(message.body())};
  }

 private:
  bool failed(beast::error_code error) {
    error_ = error;
    return static_cast<bool>(error);
  }
  void write() {
    asio::async_write(stream_, asio::buffer(request_), [this](beast::error_code error, std::size_t) {
      if (!failed(error)) read();
    });
  }
  void read() {
    http::async_read(stream_, buffer_, parser_, [this](beast::error_code error, std::size_t) { failed(error); });
  }

  std::string host_;
  std::string port_;
  std::string request_;
  asio::io_context context_;
  beast::tcp_stream stream_{context_};
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  beast::error_code error_;
};

bool is_port(const std::string& text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

admin_client::admin_client(const std::string& address, const std::string& token) : address_(address), token_(token) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || !is_port(address.substr(colon + 1))) {
    throw admin_error("'" + address + "' is no address of an admin listener; give HOST:PORT, such as 127.0.0.1:18083");
  }
  host_ = address.substr(0, colon);
  port_ = address.substr(colon + 1);
  if (host_.front() == '[' && host_.back() == ']') host_ = host_.substr(1, host_.size() - 2);
}

admin_answer admin_client::get(const std::string& target) const {
  return ask("GET", target);
}

admin_answer admin_client::remove(const std::string& target) const {
  return ask("DELETE", target);
}

admin_answer admin_client::ask(const std::string& method, const std::string& target) const {
  const auto authorization = token_.empty() ? "" : "Authorization: Bearer " + token_ + "\r\n";
  exchange exchange(host_, port_,
                    method + " " + target + " HTTP/1.1\r\nHost: " + address_ + "\r\n" + authorization +
                        "X-Headgate-Admin: 1\r\nConnection: close\r\n\r\n");
  const auto error = exchange.run();
  if (error == beast::error::timeout) {
    throw admin_error("the admin listener at " + address_ + " did not answer within " +
                      std::to_string(patience.count()) +
                      " seconds; the machine may be overloaded, or no headgate is there");
  }
  if (error.category() == http::make_error_code(http::error::bad_version).category()) {
    throw admin_error("what answers at " + address_ +
                      " is no admin listener of headgate; give its address with --admin");
  }
  if (error) {
    throw admin_error("no admin listener answers at " + address_ + " (" + error.message() +
                      "); is headgate running, with admin.enabled?");
  }
  return exchange.answer();
}

std::string error_of(const admin_answer& answer) {
  boost::system::error_code error;
  const auto value = boost::json::parse(answer.body, error);
  if (!error && value.is_object() && value.as_object().contains("error") && value.at("error").is_string()) {
    return std::string(value.at("error").as_string());
  }
  return "the admin listener answered with status " + std::to_string(answer.status);
}

}  // namespace headgate::cli
