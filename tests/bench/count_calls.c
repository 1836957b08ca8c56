/*
 * Counts the allocations and system calls of the process into which LD_PRELOAD brings it, in the file that the
 * environment variable HEADGATE_BENCH_COUNTERS names. The file is mapped and shared, so that the counts can be read
 * while the process runs. Calls that the C library makes within itself, and those made with syscall(), are not seen.
 *
 * Allocations go on to glibc's __libc_ names and not to what dlsym finds: dlsym itself allocates.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#undef _FORTIFY_SOURCE

#include "../../loadtest/run/call_counters.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Until the file is mapped, and for good when there is none, counts go where nobody looks. */
static struct headgate_bench_counters unread_counters;
static struct headgate_bench_counters* counters = &unread_counters;

static void count(enum headgate_bench_counter which) {
  __atomic_fetch_add(&__atomic_load_n(&counters, __ATOMIC_RELAXED)->counts[which], 1, __ATOMIC_RELAXED);
}

/* System calls are made directly here: this runs before anything else of the process, and must not count itself. */
__attribute__((constructor)) static void map_counters(void) {
  const char* path = getenv("HEADGATE_BENCH_COUNTERS");
  if (path == NULL) return;
  const int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (syscall(SYS_ftruncate, file, (long)sizeof(struct headgate_bench_counters)) == 0) {
    void* mapped = (void*)syscall(SYS_mmap, NULL, sizeof(struct headgate_bench_counters), PROT_READ | PROT_WRITE,
                                  MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) __atomic_store_n(&counters, mapped, __ATOMIC_RELAXED);
  }
  syscall(SYS_close, file);
}

/* --- allocations
 * ------------------------------------------------------------------------------------------------------ */

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  count(headgate_bench_allocations);
  return __libc_malloc(size);
}

void* calloc(size_t number, size_t size) {
  count(headgate_bench_allocations);
  return __libc_calloc(number, size);
}

void* realloc(void* old, size_t size) {
  count(headgate_bench_allocations);
  return __libc_realloc(old, size);
}

void* memalign(size_t alignment, size_t size) {
  count(headgate_bench_allocations);
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  count(headgate_bench_allocations);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** result, size_t alignment, size_t size) {
  if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0) return EINVAL;
  count(headgate_bench_allocations);
  void* memory = __libc_memalign(alignment, size);
  if (memory == NULL) return ENOMEM;
  *result = memory;
  return 0;
}

/* --- system calls
 * ----------------------------------------------------------------------------------------------------- */

/* Counts under `counter` and calls the next library's function of the name `symbol`. Two threads may look it up at
 * once: both find the same. The double cast is how POSIX turns what dlsym returns into a function. */
#define FORWARD_AS(counter, symbol, result, parameters, arguments)       \
  result symbol parameters;                                              \
  result symbol parameters {                                             \
    static result(*next) parameters;                                     \
    result(*call) parameters = __atomic_load_n(&next, __ATOMIC_RELAXED); \
    if (call == NULL) {                                                  \
      *(void**)(&call) = dlsym(RTLD_NEXT, #symbol);                      \
      __atomic_store_n(&next, call, __ATOMIC_RELAXED);                   \
    }                                                                    \
    count(headgate_bench_##counter);                                     \
    return call arguments;                                               \
  }
#define FORWARD(symbol, result, parameters, arguments) FORWARD_AS(symbol, symbol, result, parameters, arguments)

typedef const struct timespec* timeout_pointer;

FORWARD(recv, ssize_t, (int fd, void* data, size_t size, int flags), (fd, data, size, flags))
FORWARD(recvfrom, ssize_t,
        (int fd, void* restrict data, size_t size, int flags, struct sockaddr* restrict from,
         socklen_t* restrict length),
        (fd, data, size, flags, from, length))
FORWARD(recvmsg, ssize_t, (int fd, struct msghdr* message, int flags), (fd, message, flags))
FORWARD(recvmmsg, int, (int fd, struct mmsghdr* messages, unsigned number, int flags, struct timespec* timeout),
        (fd, messages, number, flags, timeout))
FORWARD(read, ssize_t, (int fd, void* data, size_t size), (fd, data, size))
FORWARD(readv, ssize_t, (int fd, const struct iovec* parts, int number), (fd, parts, number))
FORWARD(pread, ssize_t, (int fd, void* data, size_t size, off_t at), (fd, data, size, at))
FORWARD_AS(pread, pread64, ssize_t, (int fd, void* data, size_t size, off64_t at), (fd, data, size, at))
FORWARD(preadv, ssize_t, (int fd, const struct iovec* parts, int number, off_t at), (fd, parts, number, at))
FORWARD_AS(preadv, preadv64, ssize_t, (int fd, const struct iovec* parts, int number, off64_t at),
           (fd, parts, number, at))
FORWARD(send, ssize_t, (int fd, const void* data, size_t size, int flags), (fd, data, size, flags))
FORWARD(sendto, ssize_t,
        (int fd, const void* data, size_t size, int flags, const struct sockaddr* to, socklen_t length),
        (fd, data, size, flags, to, length))
FORWARD(sendmsg, ssize_t, (int fd, const struct msghdr* message, int flags), (fd, message, flags))
FORWARD(sendmmsg, int, (int fd, struct mmsghdr* messages, unsigned number, int flags), (fd, messages, number, flags))
FORWARD(write, ssize_t, (int fd, const void* data, size_t size), (fd, data, size))
FORWARD(writev, ssize_t, (int fd, const struct iovec* parts, int number), (fd, parts, number))
FORWARD(pwrite, ssize_t, (int fd, const void* data, size_t size, off_t at), (fd, data, size, at))
FORWARD_AS(pwrite, pwrite64, ssize_t, (int fd, const void* data, size_t size, off64_t at), (fd, data, size, at))
FORWARD(pwritev, ssize_t, (int fd, const struct iovec* parts, int number, off_t at), (fd, parts, number, at))
FORWARD_AS(pwritev, pwritev64, ssize_t, (int fd, const struct iovec* parts, int number, off64_t at),
           (fd, parts, number, at))
FORWARD(fsync, int, (int fd), (fd))
FORWARD(fdatasync, int, (int fd), (fd))
FORWARD(epoll_wait, int, (int fd, struct epoll_event* events, int number, int timeout), (fd, events, number, timeout))
FORWARD(epoll_pwait, int, (int fd, struct epoll_event* events, int number, int timeout, const sigset_t* mask),
        (fd, events, number, timeout, mask))
FORWARD(epoll_pwait2, int,
        (int fd, struct epoll_event* events, int number, timeout_pointer timeout, const sigset_t* mask),
        (fd, events, number, timeout, mask))
FORWARD(epoll_ctl, int, (int epoll, int operation, int fd, struct epoll_event* event), (epoll, operation, fd, event))
FORWARD(poll, int, (struct pollfd * descriptors, nfds_t number, int timeout), (descriptors, number, timeout))
FORWARD(ppoll, int, (struct pollfd * descriptors, nfds_t number, timeout_pointer timeout, const sigset_t* mask),
        (descriptors, number, timeout, mask))
FORWARD(select, int,
        (int number, fd_set* restrict in, fd_set* restrict out, fd_set* restrict other,
         struct timeval* restrict timeout),
        (number, in, out, other, timeout))
FORWARD(accept, int, (int fd, struct sockaddr* restrict from, socklen_t* restrict length), (fd, from, length))
FORWARD(accept4, int, (int fd, struct sockaddr* restrict from, socklen_t* restrict length, int flags),
        (fd, from, length, flags))
FORWARD(socket, int, (int domain, int type, int protocol), (domain, type, protocol))
FORWARD(bind, int, (int fd, const struct sockaddr* address, socklen_t length), (fd, address, length))
FORWARD(connect, int, (int fd, const struct sockaddr* to, socklen_t length), (fd, to, length))
FORWARD(shutdown, int, (int fd, int how), (fd, how))
FORWARD(close, int, (int fd), (fd))
FORWARD(getsockopt, int, (int fd, int level, int name, void* restrict value, socklen_t* restrict size),
        (fd, level, name, value, size))
FORWARD(setsockopt, int, (int fd, int level, int name, const void* value, socklen_t size),
        (fd, level, name, value, size))
FORWARD(getsockname, int, (int fd, struct sockaddr* restrict address, socklen_t* restrict length),
        (fd, address, length))
FORWARD(getpeername, int, (int fd, struct sockaddr* restrict address, socklen_t* restrict length),
        (fd, address, length))
FORWARD(timerfd_settime, int, (int fd, int flags, const struct itimerspec* value, struct itimerspec* old),
        (fd, flags, value, old))
FORWARD(nanosleep, int, (timeout_pointer duration, struct timespec* rest), (duration, rest))
FORWARD(clock_nanosleep, int, (clockid_t clock, int flags, timeout_pointer duration, struct timespec* rest),
        (clock, flags, duration, rest))
FORWARD(sched_yield, int, (void), ())
FORWARD(mmap, void*, (void* at, size_t size, int protection, int flags, int fd, off_t from),
        (at, size, protection, flags, fd, from))
FORWARD_AS(mmap, mmap64, void*, (void* at, size_t size, int protection, int flags, int fd, off64_t from),
           (at, size, protection, flags, fd, from))
FORWARD(munmap, int, (void* at, size_t size), (at, size))
FORWARD(madvise, int, (void* at, size_t size, int advice), (at, size, advice))

/* What a program built with _FORTIFY_SOURCE calls instead. */
FORWARD_AS(recv, __recv_chk, ssize_t, (int fd, void* data, size_t size, size_t room, int flags),
           (fd, data, size, room, flags))
FORWARD_AS(recvfrom, __recvfrom_chk, ssize_t,
           (int fd, void* restrict data, size_t size, size_t room, int flags, struct sockaddr* restrict from,
            socklen_t* restrict length),
           (fd, data, size, room, flags, from, length))
FORWARD_AS(read, __read_chk, ssize_t, (int fd, void* data, size_t size, size_t room), (fd, data, size, room))
FORWARD_AS(poll, __poll_chk, int, (struct pollfd * descriptors, nfds_t number, int timeout, size_t room),
           (descriptors, number, timeout, room))
/* These make one read or write each, within the C library. */
FORWARD_AS(read, eventfd_read, int, (int fd, uint64_t* value), (fd, value))
FORWARD_AS(write, eventfd_write, int, (int fd, uint64_t value), (fd, value))

/* The third argument of fcntl and ioctl is one register, whatever its type. */
#define FORWARD_CONTROL(counter, symbol, request_type)                              \
  int symbol(int fd, request_type request, ...) {                                   \
    static int (*next)(int, request_type, ...);                                     \
    int (*call)(int, request_type, ...) = __atomic_load_n(&next, __ATOMIC_RELAXED); \
    if (call == NULL) {                                                             \
      *(void**)(&call) = dlsym(RTLD_NEXT, #symbol);                                 \
      __atomic_store_n(&next, call, __ATOMIC_RELAXED);                              \
    }                                                                               \
    va_list arguments;                                                              \
    va_start(arguments, request);                                                   \
    void* argument = va_arg(arguments, void*);                                      \
    va_end(arguments);                                                              \
    count(headgate_bench_##counter);                                                \
    return call(fd, request, argument);                                             \
  }
FORWARD_CONTROL(fcntl, fcntl, int)
FORWARD_CONTROL(fcntl, fcntl64, int)
FORWARD_CONTROL(ioctl, ioctl, unsigned long)
