#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/log_sink.hpp"
#include "base/mailbox.hpp"
#include "broker/log/background.hpp"
#include "broker/log/chunk_cache.hpp"
#include "broker/log/log_store.hpp"
#include "broker/log/memory_log.hpp"
#include "broker/log/recover.hpp"
#include "broker/log/stored_batch.hpp"
#include "broker/log/topic_chains.hpp"
#include "broker/log/topic_look_up.hpp"
#include "broker/log/topic_places.hpp"
#include "broker/log/view.hpp"

namespace headgate::broker::log {

enum class commit_policy : std::uint8_t {
  os,    // committed when the system has it: survives the process
  disk,  // committed when the device has it: survives the machine
};

// Ages and sizes are those of whole segments: one goes when all of it is too old, or more than is wanted is behind it.
struct retention {
  std::uint64_t age_ms = 0;              // 0: no bound
  std::uint64_t bytes = 0;               // 0: no bound
  std::uint32_t disk_share_percent = 0;  // of the disk, by whomever it was filled; 0: no bound
};

struct segmented_log_options {
  std::uint64_t segment_bytes = 256ULL * 1024 * 1024;  // a segment is sealed before the batch that would pass it
  std::uint64_t segment_age_ms = 24ULL * 3600 * 1000;  // or when its first batch is so old, at most 49 days
  std::uint64_t segment_topics = 1'000'000;  // likewise, after it has so many topics: each takes 25 bytes of memory
  commit_policy commit = commit_policy::os;
  log::retention retention;
  std::uint64_t read_bytes = 8ULL * 1024 * 1024;    // of parts of segments: so much is kept of what was read
  std::uint64_t tail_bytes = 8ULL * 1024 * 1024;    // of blocks: so much of the newest is read without the disk
  std::uint64_t places_bytes = 8ULL * 1024 * 1024;  // of what was found out about topics
};

// What a log works with; all of it outlives the log, and no letter that is left then is run.
struct log_surroundings {
  background& slow;        // the log thread
  base::mailbox& letters;  // of the log's worker
  base::log_sink& lines;
  std::string name;  // of the shard, for the lines
};

// A shard's log in the segments of a directory (FORMAT.md). The worker appends, with one write a turn, and reads what
// is in memory; all that may take long is posted to the log thread, whose answers come as letters. The destructor waits
// for what is under way and closes the log in order.
//
//                 no space                            the device answers with an error, or does not sync
//   writing ───────────────────▶ full           any ────────────────────────────────────────────────▶ failed
//      ▲                          │
//      └── a second later, and ───┘             full and failed refuse what is appended; reading goes on
//          what was written of it is cut off
//
// Letters change the state; what they refuse by that, flush() takes back. What a write for which there was no room has
// left is cut off before anything is refused: the next start would find it, and whoever was told of a refusal would see
// the message all the same. Invariants: 1. start() <= committed() <=
// written_ <= end(); 2. in the active segment stands nothing behind its size that recovery could take for a batch, but
// for what is being cut off, and what could not be after a failure; 3. every offset given is below identity_.reserved,
// which is on the device; 4. sealed segments are not empty, and their offsets ascend.
class segmented_log final : public log_store {
 public:
  segmented_log(std::unique_ptr<directory> directory, recovered_log&& recovered, const segmented_log_options& options,
                log_surroundings surroundings);
  ~segmented_log() override;

  std::uint32_t id() const override { return identity_.id; }
  offset start() const override { return sealed_.empty() ? active_.summary.first : sealed_.front().first; }
  offset end() const override { return end_; }
  offset committed() const override { return committed_; }
  void append(batch_ref batch) override;
  [[nodiscard]] offset flush(base::instant now) override;
  read_result read(offset from) override;
  topic_read_result read_topics(const topic_selection_ref& wanted, offset from) override;
  std::optional<offset> segment() const override { return active_.summary.first; }
  [[nodiscard]] bool replay(const replay_visitor& visitor) override;
  std::uint64_t bytes() const override;

  log_view view() const override;

 private:
  enum class state : std::uint8_t { writing, full, failed };

  struct active_segment {
    segment_summary summary;
    segment_index index;
    topic_chains chains;
    std::shared_ptr<file> data;  // none until the log thread has made the first one
  };
  // A sealed segment that was looked into lately.
  struct open_segment {
    offset first;
    std::shared_ptr<file> data;
    segment_index index;
    bool failed = false;  // nothing of it can be read
    std::uint64_t used_at = 0;
  };
  // What the log thread was asked to read; `part.size` 0: the segment's index.
  struct reading {
    offset segment;
    segment_part part;
    friend bool operator==(const reading& a, const reading& b) {
      return a.segment == b.segment && a.part.position == b.part.position && a.part.size == b.part.size;
    }
  };

  // ---- writing (segmented_log.cpp)
  void write_staged(base::instant now);
  bool has_room_for(std::uint64_t size) const;
  bool write_some(std::size_t count, base::instant now);
  void chain(record::batch_header& batch, std::uint64_t position);
  void took(const batch_ref& batch, const record::batch_header& stored);
  offset refuse_staged();
  void on_write_error(errc error, base::instant now);
  void become_full(std::string_view why);
  void fail(std::string_view what, errc error);

  // ---- what the log thread does for the writer (log_upkeep.cpp)
  void keep_up(base::instant now);
  void reserve_offsets();
  void prepare_spare();
  void roll();
  void seal(const segment_summary& segment, const std::shared_ptr<file>& data, const segment_index& index);
  void sync_if_needed(base::instant now);
  void cut_active();
  void retain(base::instant now);
  bool clock_has_jumped(base::instant now);
  void drop_oldest();
  void look_at_space();
  void close_in_order();

  // ---- reading (log_reading.cpp)
  batch_ref read_segments(offset from, bool& later);
  const segment_summary* segment_of(offset& from) const;
  void skip(offset& from, offset end);
  open_segment* open(const segment_summary& segment, bool& later);
  bool load(const segment_summary& segment, const std::shared_ptr<file>& data, const segment_part& part);
  bool may_start(const reading& reading);
  bool keep_part(const reading& reading, record::block_ref block, const result<std::size_t>& got, bool awaited);
  open_segment& remember(open_segment&& segment);
  bool waits_to_try_again(const reading& reading) const;
  bool gives_up(const reading& reading, errc error);
  void say_unreadable(const reading& reading, errc error);

  // ---- reading by topic (topic_reading.cpp)
  struct topics_question;
  struct candidate;
  struct placed_batch;
  struct running_search;
  const active_segment* chained(const segment_summary& segment) const;
  topic_read_result read_listed(const topics_question& asked);
  topic_places* listed_places(const topics_question& asked, const places_key& key);
  topic_read_result read_alone(const topics_question& asked, const places_key& key, const topic_entry& entry,
                               record::batch_ref ready, bool failed);
  topic_read_result read_chained(const topics_question& asked, const active_segment& segment);
  topic_places* chained_places(const topics_question& asked, const active_segment& segment, const places_key& key);
  topic_read_result first_of(const topics_question& asked, const active_segment& segment,
                             const std::vector<candidate>& candidates);
  placed_batch batch_at(const active_segment& segment, std::uint32_t position);
  topic_places& keep_unknown(const places_key& key, offset to, base::monotonic_ms until);
  opened_topics* find_opened(offset segment);
  bool may_look(const places_key& key);
  void look_up_later(const topics_question& asked, const places_key& key);
  void read_ahead_later(const topics_question& asked, const places_key& key);
  void search_later(const topics_question& asked, const places_key& key);
  void search_on(const places_key& key, const std::shared_ptr<running_search>& search);
  void walk_later(const active_segment& segment, const places_key& key, std::uint32_t low);
  void keep_found(const places_key& key, offset end, const result<topic_places>& found,
                  const std::optional<opened_topics>& opened);
  void keep_chains(active_segment&& segment);
  void forget_topics(offset segment);

  // Posts to the log thread: `work` runs there, then `done` with what it returned in the worker's thread.
  template <class Work, class Done>
  void post(urgency urgency, Work work, Done done);
  void say(base::severity severity, std::string_view event, std::string_view text);

  std::unique_ptr<directory> directory_;
  segmented_log_options options_;
  log_surroundings surroundings_;
  state state_ = state::writing;

  // What was appended in this turn, or waits for offsets to be reserved.
  struct staged_batch {
    batch_ref batch;
    stored_batch stored;
  };
  std::vector<staged_batch> staged_;
  std::vector<base::bytes> runs_;   // of staged_
  std::vector<base::bytes> parts_;  // of one write; kept, so that it allocates nothing

  std::deque<segment_summary> sealed_;
  active_segment active_;
  std::shared_ptr<file> spare_;  // the next segment's file, made and empty
  offset end_;
  offset written_;
  offset committed_;
  memory_log tail_;

  log_identity identity_;
  std::shared_ptr<file> identity_file_;

  // What is under way, or when it is tried again.
  bool reserving_ = false;
  bool reserving_failed_ = false;  // for want of room
  bool preparing_ = false;
  bool syncing_ = false;
  bool cutting_ = false;
  bool settling_ = false;  // the segment before the active one: what is appended waits
  bool slow_sync_told_ = false;
  bool no_spare_told_ = false;
  // Set by the log thread: something of what was to be on the device is not.
  std::shared_ptr<std::atomic<bool>> lost_on_device_ = std::make_shared<std::atomic<bool>>(false);
  base::monotonic_ms sync_began_;
  base::monotonic_ms try_again_at_;
  base::monotonic_ms next_upkeep_;
  base::instant last_upkeep_;
  std::uint64_t clock_ahead_ms_ = 0;  // of the wall clock, against the monotonic one
  bool over_share_ = false;

  chunk_cache chunks_;
  std::vector<open_segment> open_;
  std::vector<reading> readings_;
  // What the device did not give: asked for once more each second for a while, then given up.
  struct failed_reading {
    reading what;
    base::monotonic_ms first;
    base::monotonic_ms again;
  };
  std::vector<failed_reading> failed_readings_;
  base::monotonic_ms unreadable_told_;

  places_cache places_;
  // Sealed segments whose topics are being written: until they are there, the chains say where these stand.
  std::vector<active_segment> sealing_;
  std::vector<opened_topics> opened_topics_;  // the last used last
  std::vector<places_key> look_ups_;          // what the log thread finds out

  base::monotonic_ms now_;  // of the last flush
  std::uint64_t uses_ = 0;

  log_view counters_;
};

}  // namespace headgate::broker::log
