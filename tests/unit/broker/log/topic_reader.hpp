#pragma once

#include <map>
#include <set>

#include "base/hash.hpp"
#include "tests/unit/broker/log/log_house.hpp"

namespace headgate::broker::tests {

inline log::topic_selection_ref selection_of(const std::vector<std::string>& topics) {
  log::topic_selection wanted;
  for (const auto& topic : topics) wanted.hashes.push_back(base::hash_of(topic));
  std::sort(wanted.hashes.begin(), wanted.hashes.end());
  return std::make_shared<const log::topic_selection>(std::move(wanted));
}

// Topics that begin so.
inline log::topic_selection_ref selection_by_prefix(const std::string& prefix) {
  log::topic_selection wanted;
  wanted.matches = [prefix](std::string_view topic) { return topic.starts_with(prefix); };
  wanted.text = prefix;
  return std::make_shared<const log::topic_selection>(std::move(wanted));
}

// Reads a selection's records as a shard does it, one question at a time.
class topic_reader {
 public:
  using entry = log_house::entry;

  topic_reader(log_house& house, log::topic_selection_ref wanted, log::offset from)
      : wanted_(std::move(wanted)), at_(from), house_(house) {}

  // One question; false when there is nothing below what is committed.
  bool step() {
    if (scan_to_ > at_) return scan();
    const auto found = house_.log->read_topics(wanted_, at_);
    if (found.later) {
      ++later;
      return true;
    }
    if (found.is_scan) {
      EXPECT_GT(found.to, at_);
      ++scans;
      scan_to_ = found.to;
      return true;
    }
    if (!found.batch) {
      const bool goes_on = found.to > at_;
      at_ = std::max(at_, found.to);
      return goes_on;
    }
    EXPECT_GE(found.to, at_);
    if (found.batch.header().count == 1) ++alone;
    ++batches;
    const auto before = got.size();
    take(found.batch);
    EXPECT_GT(got.size(), before) << "a batch without any record of the selection";
    if (got.size() > before) {
      EXPECT_EQ(got[before].place, found.to.value);
    }
    return true;
  }
  // All that there is, letting the log thread work whenever it is waited for.
  const std::vector<entry>& read_all(std::uint64_t pass_ms = 0) {
    for (int n = 0; n < 100'000 && step(); ++n) {
      if (n > 0 && later == later_before_) continue;
      later_before_ = later;
      if (pass_ms > 0) {
        house_.pass(pass_ms);
        EXPECT_TRUE(house_.flush());
      }
      house_.settle();
    }
    return got;
  }

  std::vector<entry> got;
  int later = 0;
  int scans = 0;
  int batches = 0;
  int alone = 0;  // of these, with one record
  log::offset at() const { return at_; }

 private:
  bool wants(const record::record_header& record) const {
    if (wanted_->matches) return wanted_->matches(record.topic());
    return std::binary_search(wanted_->hashes.begin(), wanted_->hashes.end(), record.topic_hash);
  }
  void take(const log::batch_ref& batch) {
    auto& header = batch.header();
    record::for_each_record(header, [&](const record::record_header& record) {
      const auto place = header.base_offset + record.offset_delta;
      if (record.has_offset() && place >= at_.value && wants(record)) got.push_back({place, payload_of(record)});
    });
    at_ = std::max(at_, log::offset{header.base_offset + header.count});
  }
  bool scan() {
    const auto read = house_.log->read(at_);
    if (read.later) {
      ++later;
      return true;
    }
    if (!read.batch || read.batch.header().base_offset >= scan_to_.value) {
      at_ = scan_to_;
      return true;
    }
    take(read.batch);
    return true;
  }

  log::topic_selection_ref wanted_;
  log::offset at_;
  log::offset scan_to_;
  int later_before_ = 0;
  log_house& house_;
};

}  // namespace headgate::broker::tests
