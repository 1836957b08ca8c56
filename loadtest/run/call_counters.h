/* The file in which a library in the server counts its calls (tests/bench/count_calls.c) and from which a run reads
   them: one 64-bit number for each line below. */
#ifndef HEADGATE_LOADTEST_RUN_CALL_COUNTERS_H
#define HEADGATE_LOADTEST_RUN_CALL_COUNTERS_H

#include <stdint.h>

/* One counter a system call, by the name of the call that the kernel gets. */
#define HEADGATE_BENCH_SYSTEM_CALLS(X) \
  X(recv)                              \
  X(recvfrom)                          \
  X(recvmsg)                           \
  X(recvmmsg)                          \
  X(read)                              \
  X(readv)                             \
  X(pread)                             \
  X(preadv)                            \
  X(send)                              \
  X(sendto)                            \
  X(sendmsg)                           \
  X(sendmmsg)                          \
  X(write)                             \
  X(writev)                            \
  X(pwrite)                            \
  X(pwritev)                           \
  X(fsync)                             \
  X(fdatasync)                         \
  X(epoll_wait)                        \
  X(epoll_pwait)                       \
  X(epoll_pwait2)                      \
  X(epoll_ctl)                         \
  X(poll)                              \
  X(ppoll)                             \
  X(select)                            \
  X(accept)                            \
  X(accept4)                           \
  X(socket)                            \
  X(bind)                              \
  X(connect)                           \
  X(shutdown)                          \
  X(close)                             \
  X(getsockopt)                        \
  X(setsockopt)                        \
  X(getsockname)                       \
  X(getpeername)                       \
  X(fcntl)                             \
  X(ioctl)                             \
  X(timerfd_settime)                   \
  X(nanosleep)                         \
  X(clock_nanosleep)                   \
  X(sched_yield)                       \
  X(mmap)                              \
  X(munmap)                            \
  X(madvise)

enum headgate_bench_counter {
  headgate_bench_allocations, /* malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign together */
#define HEADGATE_BENCH_MEMBER(name) headgate_bench_##name,
  HEADGATE_BENCH_SYSTEM_CALLS(HEADGATE_BENCH_MEMBER)
#undef HEADGATE_BENCH_MEMBER
      headgate_bench_counter_count
};

struct headgate_bench_counters {
  uint64_t counts[headgate_bench_counter_count];
};

#endif
