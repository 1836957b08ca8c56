#include "net/descriptor.hpp"

#include <unistd.h>

namespace headgate::net {

void descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace headgate::net
