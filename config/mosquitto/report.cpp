#include <algorithm>
#include <array>
#include <map>

#include "config/mosquitto/translate.hpp"

namespace headgate::config::mosquitto {

namespace {

struct chapter {
  mosquitto::fate fate;
  const char* title;
  const char* count;
};

constexpr std::array chapters = {
    chapter{fate::changes_behaviour, "CHANGES BEHAVIOUR: look at each of these before clients come",
            "change behaviour"},
    chapter{fate::translated, "Translated:", "translated"},
    chapter{fate::same_by_default, "The same without a setting:", "the same by default"},
    chapter{fate::harmless, "No counterpart, and no harm in that:", "without counterpart or harm"},
};

// Lines that only belong to a listener or a bridge have no text: what is said of that is said once.
bool is_told(const finding& finding) {
  return !finding.what.empty() && !finding.subject.empty();
}

std::string entry(const finding& finding) {
  auto text = "  " + printable(to_string(finding.where) + ": " + finding.subject + ": " + finding.what) + "\n";
  for (std::size_t begin = 0; begin < finding.by_hand.size();) {
    const auto end = std::min(finding.by_hand.find('\n', begin), finding.by_hand.size());
    text += (begin == 0 ? "      by hand: " : "        ") + finding.by_hand.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text;
}

std::string counts(const std::vector<finding>& findings) {
  std::string text;
  for (const auto& chapter : chapters) {
    const auto told =
        std::ranges::count_if(findings, [&](const auto& one) { return is_told(one) && one.fate == chapter.fate; });
    text += (text.empty() ? "" : ", ") + std::to_string(told) + " " + chapter.count;
  }
  return text;
}

// What a mosquitto.conf need not say for a client to notice.
constexpr auto of_every_file =
    "Of every mosquitto, whatever its file says:\n"
    "  a packet may have 1 MiB (limits.max_packet_bytes); mosquitto takes 256 MiB if not told otherwise\n"
    "  1024 messages may be in flight to a client (limits.max_inflight); mosquitto has 20\n"
    "  without data_dir sessions, retained messages and the log are in memory, and end with the process\n"
    "  who is away misses what the log has dropped (log.retention_age_s, or log.memory_bytes without data_dir);\n"
    "  mosquitto queues 1000 messages a client\n";

}  // namespace

std::string report(const std::string& path, const translation& translation) {
  const auto more = translation.files - 1;
  auto text = path + (more == 0 ? "" : " and " + std::to_string(more) + " included file" + (more == 1 ? "" : "s")) +
              ": " + counts(translation.findings) + "\n";
  for (const auto& chapter : chapters) {
    std::string entries;
    for (const auto& finding : translation.findings) {
      if (is_told(finding) && finding.fate == chapter.fate) entries += entry(finding);
    }
    if (!entries.empty()) text += "\n" + std::string(chapter.title) + "\n" + entries;
  }
  return text + "\n" + of_every_file;
}

}  // namespace headgate::config::mosquitto
