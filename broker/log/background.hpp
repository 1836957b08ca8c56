#pragma once

#include <functional>

namespace headgate::broker::log {

// What somebody waits for goes before what nobody does.
enum class urgency : unsigned char { awaited, idle };

// The port to the one thread that does what a worker must not wait for: syncs, reads from the device, all that makes,
// changes and removes files. Work of one urgency runs in the order of its posting; what comes of it is posted to the
// worker's mailbox by the work itself.
class background {
 public:
  virtual ~background() = default;
  // Any thread.
  virtual void post(urgency urgency, std::function<void()> work) = 0;
  // Returns when all that this caller has posted is done.
  virtual void wait() = 0;
};

}  // namespace headgate::broker::log
