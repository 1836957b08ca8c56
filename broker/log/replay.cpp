// What a shard's state is folded from: read at the start, before anything else is asked of the log.
#include "broker/log/scan_segment.hpp"
#include "broker/log/segmented_log.hpp"

namespace headgate::broker::log {

namespace {

bool has_snapshot(const record::batch_header& batch) {
  bool found = false;
  record::for_each_record_while(const_cast<record::batch_header&>(batch), [&](const record::record_header& record) {
    found = record.kind == record::kind::snapshot;
    return !found;
  });
  return found;
}

// False: not all of the segment could be read.
bool visit(directory& directory, const segment_summary& segment,
           const std::function<bool(const record::batch_header&)>& visitor) {
  const auto data = directory.open(log_name(segment.first), opening::existing);
  if (!data) return false;
  bool goes_on = true;
  bool whole = true;
  std::uint64_t end = 0;
  const auto visited = visit_batches(**data, segment.log_id, damage::is_skipped,
                                     [&](const record::batch_header& batch, std::uint64_t position) {
                                       if (position >= segment.size) return false;
                                       whole = whole && position == end;
                                       end = position + batch.size;
                                       goes_on = visitor(batch);
                                       return goes_on;
                                     });
  return visited && whole && (!goes_on || end == segment.size);
}

}  // namespace

// The newest segment with a snapshot is nearly always the newest one.
bool segmented_log::replay(const replay_visitor& visitor) {
  bool all = true;
  auto from = sealed_.size();
  for (bool found = false; from > 0 && !found;) {
    --from;
    const auto visited = visit(*directory_, sealed_[from], [&](const auto& batch) {
      found = has_snapshot(batch);
      return !found;
    });
    all = all && visited;
  }
  for (; from < sealed_.size(); ++from) {
    const auto visited = visit(*directory_, sealed_[from], [&](const auto& batch) {
      visitor(batch);
      return true;
    });
    all = all && visited;
  }
  return all;
}

}  // namespace headgate::broker::log
