// The parts of the path of a message, one by one: to see where a change went. The path as a whole is measured by
// run.py.

#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "broker/log/memory_log.hpp"
#include "broker/record/batch_builder.hpp"
#include "broker/shard/memory_retained_store.hpp"
#include "broker/shard/shard_state.hpp"
#include "mqtt/publish.hpp"
#include "proxy/gateway/rights_cache.hpp"

namespace headgate {

namespace {

std::string publish_packet(std::string_view topic, std::size_t payload_size) {
  mqtt::publish_head head;
  head.version = mqtt::version::v3_1_1;
  head.topic = topic;
  head.payload_size = payload_size;
  std::string packet(mqtt::encoded_size(head), '\0');
  mqtt::encode(head, reinterpret_cast<std::uint8_t*>(packet.data()));
  return packet + std::string(payload_size, 'x');
}

void frame_and_decode_publish(benchmark::State& run) {
  const auto packet = publish_packet("sensors/0042/temperature", 64);
  for (auto _ : run) {
    const auto found = mqtt::next_frame(base::as_bytes(packet), 1 << 20);
    auto decoded = mqtt::decode_publish(found.packet, mqtt::version::v3_1_1);
    benchmark::DoNotOptimize(decoded);
  }
  run.SetItemsProcessed(run.iterations());
}
BENCHMARK(frame_and_decode_publish);

// Batches of up to 1,000 records over as many topics as the argument says, in random order, each with one route.
void match_batch(benchmark::State& run) {
  const auto topic_count = static_cast<std::uint32_t>(run.range(0));
  broker::log::memory_log log(64 << 20);
  broker::shard::memory_retained_store retained(64 << 20);
  broker::shard::shard_state shard(base::shard_id{0}, log, retained, 1'000'000);
  broker::link::worker_inbox inbox;
  broker::shard::inboxes workers{&inbox};
  std::vector<std::string> topics;
  for (std::uint32_t n = 0; n < topic_count; ++n) {
    topics.push_back("bench/" + std::to_string(n));
    broker::shard::on_register_route(shard, {{}, broker::link::filter_id{n}, topics.back(), 0}, workers);
  }
  inbox.clear();

  std::mt19937 random(1);
  const std::string payload(64, 'x');
  broker::record::batch_builder builder(broker::record::producer_id{1});
  std::int64_t records = 0;
  for (auto _ : run) {
    run.PauseTiming();
    for (int n = 0; n < 1000; ++n, ++records) {
      const auto& topic = topics[random() % topic_count];
      broker::record::message message;
      message.topic = topic;
      message.topic_hash = base::hash_of(topic);
      message.payload = base::as_bytes(payload);
      if (!builder.fits(broker::record::batch_builder::size_of(message))) break;
      builder.add(message);
    }
    broker::link::publish_batch batch{{}, builder.seal()};
    inbox.clear();
    run.ResumeTiming();
    broker::shard::on_publish_batch(shard, std::move(batch), base::wall_ms{1}, workers);
  }
  run.SetItemsProcessed(records);
}
BENCHMARK(match_batch)->Arg(100)->Arg(1'000'000);

// What a message costs more where there are rules, each time that it is asked for: so many clients, each with a topic
// of its own, in random order.
void look_up_verdict(benchmark::State& run) {
  const auto clients = static_cast<std::uint32_t>(run.range(0));
  proxy::gateway::rights_cache cache;
  std::vector<std::string> topics;
  std::vector<std::uint64_t> hashes;
  for (std::uint32_t n = 0; n < clients; ++n) {
    topics.push_back("bench/" + std::to_string(n));
    hashes.push_back(base::hash_of(topics.back()));
    cache.keep({n, 1}, topics[n], hashes[n], 1, proxy::gateway::right::write, true);
  }
  std::mt19937 random(1);
  for (auto _ : run) {
    const auto n = static_cast<std::uint32_t>(random() % clients);
    benchmark::DoNotOptimize(cache.find({n, 1}, topics[n], hashes[n], 1, proxy::gateway::right::write));
  }
  run.SetItemsProcessed(run.iterations());
}
BENCHMARK(look_up_verdict)->Arg(100)->Arg(10'000);

}  // namespace

}  // namespace headgate
