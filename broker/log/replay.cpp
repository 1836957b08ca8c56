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

result<nothing> visit(directory& directory, const segment_summary& segment, const batch_visitor& visitor) {
  const auto data = directory.open(log_name(segment.first), opening::existing);
  if (!data) return data.error();
  return visit_batches(**data, segment.log_id, damage::is_skipped, visitor);
}

}  // namespace

// The newest segment with a snapshot is nearly always the newest one.
bool segmented_log::replay(const replay_visitor& visitor) {
  bool all = true;
  auto from = sealed_.size();
  for (bool found = false; from > 0 && !found;) {
    --from;
    const auto visited = visit(*directory_, sealed_[from], [&](const auto& batch, std::uint64_t) {
      found = has_snapshot(batch);
      return !found;
    });
    all = all && visited;
  }
  for (; from < sealed_.size(); ++from) {
    const auto visited = visit(*directory_, sealed_[from], [&](const auto& batch, std::uint64_t) {
      visitor(batch);
      return true;
    });
    all = all && visited;
  }
  return all;
}

}  // namespace headgate::broker::log
