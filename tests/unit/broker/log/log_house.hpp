#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/log/segmented_log.hpp"
#include "tests/support/fake_disk.hpp"
#include "tests/unit/broker/batches.hpp"

namespace headgate::broker::tests {

// A log on a fake disk, with its log thread and its worker's letters in the hands of a test. What is appended is
// remembered, so that it can be compared.
class log_house {
  struct no_waker final : base::waker {
    void wake() override {}
  };

  no_waker waker_;
  std::unique_ptr<base::mailbox> letters_;  // outlives the log

 public:
  struct line_list final : base::log_sink {
    std::vector<std::string> events;
    void write(const base::log_line& line) override { events.emplace_back(line.event); }
    bool has(std::string_view event) const { return std::find(events.begin(), events.end(), event) != events.end(); }
  };

  fake_disk disk;
  manual_background slow;
  line_list lines;
  log::segmented_log_options options{.segment_bytes = 4096, .retention = {}, .tail_bytes = 1};
  base::instant now{base::monotonic_ms{1'000'000}, base::wall_ms{1'700'000'000'000}};
  std::unique_ptr<log::segmented_log> log;

  // Null, and `why`, when the directory cannot be recovered.
  bool open() {
    auto directory = disk.open();
    auto recovered = log::recover(*directory, std::exchange(new_id_, new_id_ + 1));
    if (!recovered) {
      why = recovered.error();
      return false;
    }
    found = *recovered;
    letters_ = std::make_unique<base::mailbox>(waker_);  // those of the life before are never run
    builder_ = std::make_unique<record::batch_builder>(record::producer_id{1});
    log = std::make_unique<log::segmented_log>(std::move(directory), std::move(*recovered), options,
                                               log::log_surroundings{slow, *letters_, lines, "0"});
    settle();
    return true;
  }
  // The server ends in order.
  void close() { log.reset(); }
  // The process is killed: what the log still does reaches nothing.
  void kill() {
    disk.is_dead = true;
    log.reset();
    disk.restart();
  }

  // All that the log thread has to do, and what comes of it.
  void settle() {
    slow.run_all();
    while (letters_->has_letters()) {
      letters_->run_all();
      slow.run_all();
    }
  }
  void run_letters() { letters_->run_all(); }

  // A batch of messages above QoS 0, with one that passes among them; flushed. False: refused.
  bool append(std::vector<std::string> payloads) {
    stage(payloads);
    return flush();
  }
  void stage(const std::vector<std::string>& payloads) {
    std::vector<owned_message> messages;
    for (const auto& payload : payloads) {
      messages.push_back({"t/" + payload, 1, payload});
      messages.push_back({"t/qos0", 0, "passing"});
    }
    stage_messages(messages);
  }
  // One batch, or two where a block ends.
  void stage_messages(const std::vector<owned_message>& messages) {
    const auto hand_over = [&] {
      auto batch = builder_->seal();
      batch.header().base_offset = log->end().value;
      batch.header().timestamp_ms = now.wall.value;
      if (batch.header().count > 0) log->append(std::move(batch));
    };
    auto place = log->end().value;
    for (const auto& message : messages) {
      if (!builder_->fits(record::batch_builder::size_of(message.view()))) hand_over();
      builder_->add(message.view());
      if (message.has_offset()) staged_.push_back({place++, message.payload});
    }
    hand_over();
  }
  bool flush() {
    auto end = log->flush(now);
    // What found no room is refused only when what was written of it is cut off.
    if (log->view().is_full && !staged_.empty() && staged_.back().place < end.value) {
      settle();
      end = log->flush(now);
    }
    bool all = true;
    for (auto& entry : staged_) {
      if (entry.place < end.value) {
        appended.push_back(std::move(entry));
      } else {
        all = false;
      }
    }
    staged_.clear();
    return all;
  }
  void pass(std::uint64_t ms) {
    now.monotonic.value += ms;
    now.wall.value += ms;
  }

  struct entry {
    std::uint64_t place = 0;
    std::string payload;
    friend bool operator==(const entry&, const entry&) = default;
  };
  std::vector<entry> appended;
  log::recovered_log found;
  log::recovery_error why;

  // All that can be read from `from` on, as a reader does it that asks again what comes later.
  std::vector<entry> read_all(log::offset from) {
    std::vector<entry> all;
    from = std::max(from, log->start());
    for (int later = 0; later < 1000;) {
      const auto read = log->read(from);
      if (read.later) {
        ++later;
        settle();
        continue;
      }
      if (!read.batch) break;
      auto& header = read.batch.header();
      record::for_each_record(header, [&](const record::record_header& record) {
        const auto place = header.base_offset + record.offset_delta;
        if (record.has_offset() && place >= from.value) all.push_back({place, payload_of(record)});
      });
      from = log::offset{header.base_offset + header.count};
    }
    return all;
  }
  std::vector<entry> read_all() { return read_all(log->start()); }

 private:
  std::unique_ptr<record::batch_builder> builder_;
  std::uint32_t new_id_ = 77;  // of the first; a later life gets another, should it need one
  std::vector<entry> staged_;
};

inline std::string numbered(std::size_t n, std::size_t size = 100) {
  auto text = std::to_string(n);
  return text + std::string(size - std::min(size, text.size()), '.');
}

// Appends batches of two until the log has so many segments.
inline void fill_segments(log_house& house, std::uint64_t segments) {
  for (std::size_t n = 0; house.log->view().segments < segments; ++n) {
    ASSERT_TRUE(house.append({numbered(2 * n), numbered(2 * n + 1)}));
    house.settle();
    ASSERT_LT(n, 10'000U);
  }
}

}  // namespace headgate::broker::tests
