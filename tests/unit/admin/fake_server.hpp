#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "admin/server.hpp"

namespace headgate::admin {

// Numbers that differ from each other, for one worker with two shards and one with one.
inline measures made_up_measures() {
  measures all;
  all.facts.version = "0.1.0";
  all.facts.started_ms = 1'000'000;
  all.facts.clusters = {"a", "a", "b"};
  all.facts.listeners = {"tcp 127.0.0.1:1883"};
  all.facts.certificates = {{"tls", 1'800'000'000, 1'790'000'000}, {"other", 1'900'000'000, {}}};
  all.facts.max_clients = 1000;
  all.facts.storage = {"os", "embedded", 604'800, 1 << 30, 80, 1 << 30};
  all.sessions = {70, 60, 5, 4, 3, 0};
  for (std::uint16_t id = 0; id < 2; ++id) {
    auto& worker = all.workers.emplace_back();
    auto& gateway = worker.worker.gateway;
    gateway.clients = 10;
    gateway.connects = 20 + id;
    gateway.connections_accepted = 30;
    gateway.publishes_in_qos0 = 100;
    gateway.publishes_in_qos1 = 200;
    gateway.deliveries_out_qos2 = 5;
    gateway.ended_by_operator = 3;
    gateway.dropped_output_full = 7;
    gateway.sessions_waiting = 2;
    gateway.sessions_behind = 1;
    gateway.packets_in = 1000;
    gateway.packets_out = 2000;
    gateway.publish_to_acknowledgement.add(16, 2);
    gateway.publish_to_acknowledgement.add(17, 1);
    gateway.publish_to_acknowledgement.add(1'000'000'000, 1);
    worker.worker.turns = 50;
    worker.worker.phase_ns.fill(1'500'000'000);
    worker.worker.store.kept = 4;
    worker.sockets.bytes_in = 5000;
    for (std::uint16_t shard = id; shard < 3; shard = static_cast<std::uint16_t>(shard + 2)) {
      broker::shard::shard_view view;
      view.log_start = 5;
      view.log_end = 50;
      view.delivered = 40;
      view.retained_messages = 2;
      view.log_writes = 9;
      worker.shards.push_back({base::shard_id{shard}, view});
      worker.worker.shard.log_start += view.log_start;
      worker.worker.shard.log_end += view.log_end;
      worker.worker.shard.log_writes += view.log_writes;
      worker.worker.shard.delivered += view.delivered;
      worker.worker.shard.retained_messages += view.retained_messages;
    }
  }
  return all;
}

// How a fake_server answers.
enum class answering { at_once, from_another_thread, with_nothing, when_told };

// Knows some clients and topics. Any thread, as the real one.
class fake_server : public server {
 public:
  explicit fake_server(answering answering = answering::at_once) : answering_(answering) {}
  ~fake_server() override { join(); }

  void measure(on_answer<measures> done) override { give(std::move(done), made_up_measures()); }

  void list_clients(page_request request, on_answer<page<proxy::session::client_view>> done) override {
    page<proxy::session::client_view> page;
    // "0:N": the N first ones have been seen.
    std::size_t place = 0;
    const auto seen = request.after.empty() ? 0 : std::stoul(request.after.substr(2));
    for (const auto& id : ids) {
      if (place++ < seen || id.rfind(request.match, 0) != 0) continue;
      if (page.items.size() == request.limit) {
        page.next = "0:" + std::to_string(place - 1);
        break;
      }
      page.items.push_back(view_of(id));
    }
    give(std::move(done), page);
  }

  void show_client(std::string id, on_answer<std::optional<proxy::session::client_details>> done) override {
    std::optional<proxy::session::client_details> details;
    if (ids.count(id) != 0) {
      details.emplace();
      details->client = view_of(id);
      details->subscriptions.push_back({"sensors/+/\"quoted\"", 1, true, false, 9});
      details->positions.push_back({2, 17, 20, true});
    }
    give(std::move(done), details);
  }

  void kick_client(std::string id, on_answer<bool> done) override {
    const bool known = ids.count(id) != 0;
    if (known) {
      const std::lock_guard lock(mutex_);
      kicked_.push_back(id);
    }
    give(std::move(done), known);
  }

  void list_topics(page_request request, on_answer<page<broker::shard::topic_view>> done) override {
    give(std::move(done), page<broker::shard::topic_view>{{{"a/b", 1, 2}}, request.match});
  }

  void show_topic(std::string topic, on_answer<topic_details> done) override {
    topic_details details;
    details.topic = std::move(topic);
    details.cluster = "a";
    details.known = true;
    details.view.routes = 3;
    details.retained = {true, 12, 1, 99};
    details.filters = {{"a/#", 7}};
    give(std::move(done), details);
  }

  std::vector<std::string> kicked() const {
    const std::lock_guard lock(mutex_);
    return kicked_;
  }
  std::size_t asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  // Gives the answers that were held back, on the caller's thread.
  void answer_now() {
    std::vector<std::function<void()>> answers;
    {
      const std::lock_guard lock(mutex_);
      answers.swap(held_);
    }
    for (auto& answer : answers) answer();
  }
  void join() {
    std::vector<std::thread> threads;
    {
      const std::lock_guard lock(mutex_);
      threads.swap(threads_);
    }
    for (auto& thread : threads) thread.join();
  }

  const std::set<std::string> ids = {"device/1 of 2", "ü", "x1", "x2", "x3"};

 private:
  static proxy::session::client_view view_of(const std::string& id) {
    proxy::session::client_view view;
    view.id = id;
    view.address = "127.0.0.1:5000";
    view.listener = "tcp";
    view.protocol_version = 5;
    return view;
  }

  template <class Answer>
  void give(on_answer<Answer> done, Answer answer) {
    const std::lock_guard lock(mutex_);
    ++asked_;
    switch (answering_) {
      case answering::at_once:
        return done(std::move(answer));
      case answering::with_nothing:
        return done(std::nullopt);
      case answering::from_another_thread:
        threads_.emplace_back([done = std::move(done), answer = std::move(answer)] { done(answer); });
        return;
      case answering::when_told:
        held_.push_back([done = std::move(done), answer = std::move(answer)] { done(answer); });
    }
  }

  answering answering_;
  mutable std::mutex mutex_;
  std::size_t asked_ = 0;
  std::vector<std::string> kicked_;
  std::vector<std::function<void()>> held_;
  std::vector<std::thread> threads_;
};

}  // namespace headgate::admin
