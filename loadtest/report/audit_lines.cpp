#include "loadtest/report/audit_lines.hpp"

#include "loadtest/report/figures.hpp"
#include "loadtest/report/units.hpp"

namespace headgate::loadtest::report {

namespace {

std::string messages_text(const core::finding& found) {
  if (found.to <= found.from + 1) return "message " + count_text(found.from);
  return "messages " + count_text(found.from) + " to " + count_text(found.to - 1);
}

std::string all_is_well(const core::verdict& verdict) {
  const std::string nothing = "nothing lost, duplicated, reordered, corrupted or misdelivered among ";
  if (verdict.required > 0) return nothing + count_text(verdict.required) + " required deliveries";
  return nothing + count_text(verdict.received) + " deliveries, none of which was required";
}

}  // namespace

std::string finding_text(const core::finding& found) {
  std::string text(name_of(found.kind).name);
  if (found.to > found.from) text += ": " + messages_text(found);
  if (found.publisher != core::nobody) text += " of publisher " + count_text(found.publisher);
  if (found.audience != core::nobody) text += " at subscriber " + count_text(found.audience);
  return text;
}

section audit_section(const core::verdict& verdict) {
  section part;
  part.title = "audit";
  const auto add = [&part](std::uint64_t count, std::string_view name, const char* explanation) {
    if (count > 0) part.rows.push_back({std::string(name), count_text(count), explanation});
  };
  if (verdict.faults() == 0 && verdict.complete) part.rows.push_back({all_is_well(verdict)});
  for (std::size_t kind = 0; kind < core::fault_kinds; ++kind) {
    add(verdict.counts[kind], fault_names[kind].name, "FAULTS");
  }
  add(verdict.required, "required", "deliveries that had to come");
  add(verdict.received, "received", "deliveries that came for the first time");
  add(verdict.qos0_dropped, "dropped at QoS 0", "permitted");
  add(verdict.duplicated_with_reason, "duplicated with reason", "permitted at QoS 1: DUP, or sent again");
  add(verdict.in_doubt, "in doubt", "neither acknowledged nor refused when the connection ended");
  add(verdict.refused, "refused", "the server said so to the publisher");
  add(verdict.expired, "expired", "their expiry passed while the subscriber was away");
  add(verdict.foreign, "foreign", "messages of others");
  for (const auto& found : verdict.findings) part.notes.push_back("for example, " + finding_text(found));
  part.rows.push_back({"memory", bytes_text(static_cast<double>(verdict.memory_bytes)),
                       "of at most " + bytes_text(static_cast<double>(verdict.memory_limit)) +
                           (verdict.complete ? "" : ": NOT ENOUGH, so that faults may have been missed")});
  return part;
}

}  // namespace headgate::loadtest::report
