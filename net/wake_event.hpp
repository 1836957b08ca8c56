#pragma once

#include "base/mailbox.hpp"
#include "net/descriptor.hpp"

namespace headgate::net {

// Wakes a poller from any thread, by an eventfd.
class wake_event final : public base::waker {
 public:
  wake_event();

  void wake() override;
  // The poller's thread, when the descriptor is readable.
  void clear();
  int fd() const { return event_.get(); }

 private:
  descriptor event_;
};

}  // namespace headgate::net
