#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadtest/plan/check_plan.hpp"

namespace headgate::loadtest::plan {

// Gathers the conflicts of one part of a plan.
struct findings {
  std::vector<conflict>& all;
  std::string path;  // of the part, as "groups.sensors"

  void add(const std::string& key, std::string sentence) const {
    const bool joins = !path.empty() && !key.empty();
    all.push_back({path + (joins ? "." : "") + key, std::move(sentence)});
  }
};

void check_group(const core::group& group, const findings& found);
void check_publish(const core::group& group, const findings& found);
void check_subscribe(const core::group& group, const findings& found);
// How TLS is spoken.
void check_tls(const core::plan& plan, const findings& found);
void check_measuring(const core::plan& plan, const findings& found);
// What comes when nobody is there any more, or not yet.
void check_times_of_run(const core::plan& plan, const findings& found);
void check_events(const core::plan& plan, const findings& found);
// What several groups say together.
void check_groups(const core::plan& plan, const findings& found);

// For text that goes into packets as a UTF-8 string: what is wrong with it, or nothing. `what` begins the sentence.
std::string text_error(const std::string& what, const std::string& text);

}  // namespace headgate::loadtest::plan
