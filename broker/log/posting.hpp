#pragma once

#include <utility>

#include "broker/log/segmented_log.hpp"

namespace headgate::broker::log {

template <class Work, class Done>
void segmented_log::post(urgency urgency, Work work, Done done) {
  surroundings_.slow.post(urgency, [work = std::move(work), done = std::move(done), &letters = surroundings_.letters] {
    letters.post([done, outcome = work()] { done(outcome); });
  });
}

}  // namespace headgate::broker::log
