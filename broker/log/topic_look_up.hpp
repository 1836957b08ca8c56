#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "broker/log/segment.hpp"
#include "broker/log/topics_file.hpp"

namespace headgate::broker::log {

// A sealed segment with its topics file. Shared by threads; copies share the files.
struct opened_topics {
  segment_summary segment;
  std::shared_ptr<file> data;
  std::shared_ptr<file> topics;
  topics_head head;
};
result<opened_topics> open_topics(directory& directory, const segment_summary& segment);

// Where records stand, in their order; or that there are too many, so that the segment is better read through.
struct looked_up {
  bool too_many = false;
  std::vector<topic_entry> entries;
};

// Those of one hash, with two reads. `most_bytes`: of a part of the file; of a larger one it is said that there are too
// many, though they may be of another topic.
result<looked_up> look_up_topic(const opened_topics& opened, std::uint64_t hash, std::uint64_t most_bytes,
                                waiting wait);

// Those of all topics that somebody wants: reads all lists of the file, a step at a time, so that whoever else wants
// the log thread gets it between two steps. One thread at a time.
class topic_search {
 public:
  using predicate = std::function<bool(std::string_view topic)>;
  // `wanted` outlives this.
  topic_search(opened_topics opened, const predicate& wanted);

  // Reads on; true when found() is all there is.
  result<bool> step();
  looked_up& found() { return found_; }

 private:
  void take(const std::vector<topic_list>& lists);
  bool finish();

  opened_topics opened_;
  const predicate& wanted_;
  topics_range left_;  // of the file, not read yet
  std::uint32_t part_ = 0;
  std::vector<std::uint8_t> buffer_;  // read, and not taken yet
  looked_up found_;
};

}  // namespace headgate::broker::log
