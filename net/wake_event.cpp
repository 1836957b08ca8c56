#include "net/wake_event.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace headgate::net {

wake_event::wake_event() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw std::system_error(errno, std::system_category(), "eventfd");
}

// A full counter (EAGAIN) wakes as well, so the result says nothing.
void wake_event::wake() {
  (void)!::eventfd_write(event_.get(), 1);
}

void wake_event::clear() {
  eventfd_t count;
  (void)!::eventfd_read(event_.get(), &count);
}

}  // namespace headgate::net
