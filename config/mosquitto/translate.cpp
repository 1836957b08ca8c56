#include "config/mosquitto/translate.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/mosquitto/option_table.hpp"
#include "config/mosquitto/verdict.hpp"
#include "config/mosquitto/write_yaml.hpp"

namespace headgate::config::mosquitto {

namespace {

void append(std::vector<finding>& all, std::vector<finding> more) {
  std::ranges::move(more, std::back_inserter(all));
}

// The lines of which a listener's or a bridge's finding speaks have none of their own.
void account_for_blocks(draft& draft) {
  for (const auto& listener : draft.listeners) {
    for (const auto& where : listener.absorbed) {
      if (where == listener.where) continue;
      draft.findings.push_back({fate::translated, where, "", "part of its listener", ""});
    }
  }
  for (const auto& bridge : draft.bridges) {
    for (const auto& line : bridge.lines)
      draft.findings.push_back({fate::changes_behaviour, line.where, line.name, "", ""});
  }
}

// Left-out listeners and bridges come before all else: without them nobody connects.
int weight(const finding& finding) {
  if (finding.fate == fate::changes_behaviour && finding.what.starts_with("LEFT OUT")) return -1;
  return static_cast<int>(finding.fate);
}

std::size_t count_files(const std::vector<option_line>& lines) {
  std::size_t last = 0;
  for (const auto& line : lines) last = std::max(last, line.reading);
  return last + 1;
}

}  // namespace

translation translate(const std::string& path, file_source& files) {
  const auto lines = read_options(path, files);
  draft draft;
  for (const auto& line : lines) apply(draft, line);
  auto verdict = judge_listeners(draft);
  settle_auth(draft, verdict);
  settle_admin(draft, verdict.listeners);
  settle_limits(draft, verdict.listeners);
  settle_logging(draft);
  account_for_blocks(draft);
  append(draft.findings, std::move(verdict.findings));
  append(draft.findings, judge_bridges(draft, verdict.listeners));
  for (auto& finding : draft.findings) {
    if (finding.where.file.empty()) finding.where.file = path;
  }
  std::ranges::stable_sort(draft.findings, {}, weight);
  return {write_yaml(path, verdict.listeners, draft.settings), std::move(draft.findings), count_files(lines)};
}

}  // namespace headgate::config::mosquitto
