#include "admin/sys_topics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "admin/totals.hpp"

namespace headgate::admin {

namespace {

struct period {
  const char* name;
  double seconds;
};
constexpr std::array<period, 3> periods = {{{"1min", 60.0}, {"5min", 300.0}, {"15min", 900.0}}};

// Collects what is to be published in this call.
class collector {
 public:
  explicit collector(sys_history& history) : history_(history) {}

  void always(const std::string& name, const std::string& text) {
    values_.push_back({"$SYS/broker/" + name, text});
    history_.published[name] = text;
  }
  void changed(const std::string& name, const std::string& text) {
    const auto last = history_.published.find(name);
    if (last == history_.published.end() || last->second != text) always(name, text);
  }
  void changed(const std::string& name, std::uint64_t number) { changed(name, std::to_string(number)); }

  // What a counter grew by in a minute, averaged over 1, 5 and 15 minutes: each call moves an average towards what was
  // seen since the last one, the more the longer that was.
  void load(const std::string& name, std::uint64_t counter, double elapsed_s) {
    const auto [found, first] = history_.loads.try_emplace(name);
    auto& load = found->second;
    const double per_minute = first || elapsed_s <= 0 ? 0 : (static_cast<double>(counter) - load.last) * 60 / elapsed_s;
    for (std::size_t n = 0; n < periods.size(); ++n) {
      auto& average = load.averages[n];
      const double moved = per_minute + std::exp(-elapsed_s / periods[n].seconds) * (average - per_minute);
      if (first || std::fabs(moved - average) >= 0.01) {
        always("load/" + name + "/" + periods[n].name, with_two_digits(moved));
      }
      average = moved;
    }
    load.last = static_cast<double>(counter);
  }

  std::vector<sys_value> take() { return std::move(values_); }

 private:
  static std::string with_two_digits(double value) {
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.2f", value);
    return {text.data(), static_cast<std::size_t>(size)};
  }

  sys_history& history_;
  std::vector<sys_value> values_;
};

void add_clients(collector& out, const totals& totals, sys_history& history) {
  const auto connected = totals.gateway.clients;
  const auto disconnected = totals.store.kept;
  history.most_clients = std::max(history.most_clients, connected + disconnected);
  out.changed("clients/total", connected + disconnected);
  out.changed("clients/maximum", history.most_clients);
  out.changed("clients/inactive", disconnected);
  out.changed("clients/disconnected", disconnected);
  out.changed("clients/active", connected);
  out.changed("clients/connected", connected);
}

std::uint64_t publishes_in(const proxy::gateway::gateway_view& view) {
  return view.publishes_in_qos0 + view.publishes_in_qos1 + view.publishes_in_qos2;
}

std::uint64_t publishes_out(const proxy::gateway::gateway_view& view) {
  return view.deliveries_out_qos0 + view.deliveries_out_qos1 + view.deliveries_out_qos2 + view.deliveries_repeated;
}

void add_loads(collector& out, const totals& totals, double elapsed_s) {
  const auto& gateway = totals.gateway;
  out.load("messages/received", gateway.packets_in, elapsed_s);
  out.load("messages/sent", gateway.packets_out, elapsed_s);
  out.load("publish/dropped", messages_dropped(totals), elapsed_s);
  out.load("publish/received", publishes_in(gateway), elapsed_s);
  out.load("publish/sent", publishes_out(gateway), elapsed_s);
  out.load("bytes/received", totals.sockets.bytes_in, elapsed_s);
  out.load("bytes/sent", totals.sockets.bytes_out, elapsed_s);
  out.load("sockets", gateway.connections_accepted, elapsed_s);
  out.load("connections", gateway.connects, elapsed_s);
}

// Records that the logs hold. Summing start and end over shards keeps the difference.
std::uint64_t records_held(const broker::shard::shard_view& sum) {
  return sum.log_end - std::min(sum.log_start, sum.log_end);
}

void add_store(collector& out, const totals& totals) {
  const auto messages = records_held(totals.shard) + totals.shard.retained_messages;
  out.changed("messages/stored", messages);
  out.changed("store/messages/count", messages);
  out.changed("store/messages/bytes", totals.shard.log_bytes + totals.shard.retained_bytes);
  out.changed("subscriptions/count", totals.gateway.subscriptions);
  out.changed("shared_subscriptions/count", totals.gateway.shared_subscriptions);
  out.changed("retained messages/count", totals.shard.retained_messages);
}

void add_counters(collector& out, const totals& totals) {
  const auto& gateway = totals.gateway;
  out.changed("messages/received", gateway.packets_in);
  out.changed("messages/sent", gateway.packets_out);
  out.changed("publish/messages/dropped", messages_dropped(totals));
  out.changed("publish/messages/received", publishes_in(gateway));
  out.changed("publish/messages/sent", publishes_out(gateway));
  out.changed("publish/bytes/received", gateway.publish_bytes_in);
  out.changed("publish/bytes/sent", gateway.publish_bytes_out);
  out.changed("bytes/received", totals.sockets.bytes_in);
  out.changed("bytes/sent", totals.sockets.bytes_out);
}

}  // namespace

std::vector<sys_value> sys_topics(const measures& now, const sys_moment& moment, sys_history& history) {
  const auto totals = total_of(now);
  const auto started_ms = std::min(now.facts.started_ms, moment.now_ms);
  const auto last_ms = history.last_ms == 0 ? started_ms : std::min(history.last_ms, moment.now_ms);
  const double elapsed_s = static_cast<double>(moment.now_ms - last_ms) / 1000;
  collector out(history);
  out.changed("version", "headgate " + now.facts.version);
  out.always("uptime", std::to_string((moment.now_ms - started_ms) / 1000) + " seconds");
  add_clients(out, totals, history);
  add_loads(out, totals, elapsed_s);
  add_store(out, totals);
  history.most_heap_bytes = std::max(history.most_heap_bytes, moment.heap_bytes);
  out.changed("heap/current", moment.heap_bytes);
  out.changed("heap/maximum", history.most_heap_bytes);
  add_counters(out, totals);
  history.last_ms = moment.now_ms;
  return out.take();
}

}  // namespace headgate::admin
