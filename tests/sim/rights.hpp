#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/topics.hpp"
#include "tests/support/listed_rights.hpp"
#include "tests/unit/property.hpp"

namespace headgate::sim {

// What each device may read and write, changed while the run goes on, and when it last might not: what was under way at
// any time since is not owed. All workers have the same rules between two steps.
class rights {
 public:
  enum class access : std::uint8_t { read, write };

  // Whether this run has rules at all.
  bool on = false;

  // Other rules for so many devices, from this step on.
  void draw(tests::dice& dice, std::size_t devices, std::uint32_t step) {
    for (std::size_t n = 0; n < rows_.size(); ++n) remember(n, step);
    rows_.resize(devices);
    tests::denials all;
    for (std::size_t n = 0; n < devices; ++n) draw_row(dice, n, all);
    rules_ = std::make_shared<const tests::denials>(std::move(all));
  }
  std::shared_ptr<const tests::denials> rules() const { return rules_; }

  bool may(std::size_t device, std::size_t topic, access what) const {
    return !on || !rows_[device].denied[index(what)][topic];
  }
  // Whether at some time from this step on it might not.
  bool denied_since(std::size_t device, std::size_t topic, access what, std::uint32_t step) const {
    if (!on) return false;
    const auto& row = rows_[device];
    return row.denied[index(what)][topic] || row.until[index(what)][topic] >= step;
  }

 private:
  struct row {
    std::array<std::array<bool, topics.size()>, 2> denied{};
    std::array<std::array<std::uint32_t, topics.size()>, 2> until{};  // the step of the change that allowed it
  };
  static std::size_t index(access what) { return what == access::read ? 0 : 1; }

  void remember(std::size_t device, std::uint32_t step) {
    auto& row = rows_[device];
    for (std::size_t what = 0; what < 2; ++what) {
      for (std::size_t topic = 0; topic < topics.size(); ++topic) {
        if (row.denied[what][topic]) row.until[what][topic] = step;
      }
    }
  }
  // Some may do everything, few may read nothing.
  void draw_row(tests::dice& dice, std::size_t device, tests::denials& all) {
    auto& row = rows_[device];
    row.denied = {};
    if (dice.one_in(3)) return;
    const auto id = "device" + std::to_string(device);
    if (dice.one_in(20)) {
      row.denied[0].fill(true);
      all.push_back({id, "#", true, false});
      return;
    }
    for (std::size_t topic = 0; topic < topics.size(); ++topic) {
      row.denied[0][topic] = dice.one_in(6);
      row.denied[1][topic] = dice.one_in(10);
      if (row.denied[0][topic] || row.denied[1][topic]) {
        all.push_back({id, std::string(topics[topic]), row.denied[0][topic], row.denied[1][topic]});
      }
    }
  }

  std::vector<row> rows_;
  std::shared_ptr<const tests::denials> rules_;
};

}  // namespace headgate::sim
