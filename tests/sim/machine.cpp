#include "tests/sim/machine.hpp"

#include <string>
#include <utility>

#include "broker/log/recover.hpp"
#include "broker/log/scan_segment.hpp"
#include "tests/sim/trace.hpp"

namespace headgate::sim {

namespace log = broker::log;

void machine::set_size(std::size_t shards, std::size_t workers) {
  sessions_.resize(workers);
  for (auto& stored : sessions_) stored.writes = [this] { return life_.spend(); };
  for (std::size_t n = 0; n < shards; ++n) {
    auto& made = *shards_.emplace_back(std::make_unique<shard_things>());
    made.disk.before_call = [this, &disk = made.disk] { disk.is_dead = !life_.spend(); };
  }
}

void machine::end_process(bool power) {
  for (auto& shard : shards_) {
    if (power) {
      base::random_source random(dice_.bits());
      shard->disk.lose_power(random);
    }
    shard->disk.restart();
    auto& history = shard->retained;
    history.forget_behind(history.all.size() - dice_.below(std::min<std::size_t>(history.all.size(), 20) + 1));
  }
}

void machine::begin_process(std::uint64_t now_ms) {
  for (auto& stored : sessions_) stored.begin_life(now_ms);
}

std::unique_ptr<log::log_store> machine::open_log(base::shard_id shard, base::mailbox& letters, base::log_sink& lines) {
  auto& things = *shards_[shard.value];
  auto directory = things.disk.open();
  const auto new_id = static_cast<std::uint32_t>(dice_.bits()) | 1U;
  auto found = log::recover(*directory, new_id);
  if (life_.is_over()) throw killed_in_start();
  if (!found) throw violation("a log cannot be recovered: " + log::explain(found.error()));
  return std::make_unique<log::segmented_log>(
      std::move(directory), std::move(*found), options_,
      log::log_surroundings{things.log_thread, letters, lines, std::to_string(shard.value)});
}

std::vector<logged_message> machine::read_log(base::shard_id shard, const book& book) {
  std::vector<logged_message> all;
  auto& disk = shards_[shard.value]->disk;
  const auto directory = disk.open();
  const auto names = *directory->list();
  for (const auto& name : names) {
    log::offset first;
    if (!log::parse_log_name(name, &first)) continue;
    const auto index = log::read_index(*directory, first);
    const auto size = index && index->segment.first == first ? index->segment.size : ~std::uint64_t{0};
    const auto visit = [&](const broker::record::batch_header& batch, std::uint64_t position) {
      if (position >= size) return false;
      book.for_each_message(const_cast<broker::record::batch_header&>(batch),
                            [&](const logged_message& one) { all.push_back(one); });
      return true;
    };
    const auto file = *directory->open(name, log::opening::to_read);
    if (!log::visit_batches(*file, 0, log::damage::is_skipped, visit)) throw violation("a log cannot be read");
  }
  return all;
}

bool machine::work_all() {
  bool any = false;
  for (auto& shard : shards_) {
    while (shard->log_thread.run_one()) any = true;
  }
  return any;
}

}  // namespace headgate::sim
