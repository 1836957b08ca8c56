#include "admin/response_text.hpp"

#include <array>
#include <boost/beast/http/status.hpp>
#include <cstdio>
#include <ostream>

namespace headgate::admin {

namespace {

// IMF-fixdate [RFC 9110, 5.6.7]; names of days and months in English, whatever the locale.
std::string date_text(std::time_t now) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm time{};
  ::gmtime_r(&now, &time);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 days[static_cast<std::size_t>(time.tm_wday)], time.tm_mday,
                                 months[static_cast<std::size_t>(time.tm_mon)], time.tm_year + 1900, time.tm_hour,
                                 time.tm_min, time.tm_sec);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string response_text(const response& response, const response_form& form) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason) + "\r\n";
  text += "Date: " + date_text(form.now) + "\r\n";
  text += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  if (!response.allow.empty()) text += "Allow: " + response.allow + "\r\n";
  if (!response.authenticate.empty()) text += "WWW-Authenticate: " + response.authenticate + "\r\n";
  if (response.status != 204) {  // which has no content, and says nothing of it [RFC 9110, 8.6]
    text += "Content-Type: " + response.content_type + "\r\n";
    text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  text += form.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (!form.head) text += response.body;
  return text;
}

}  // namespace headgate::admin
