#include "net/tls_memory.hpp"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

namespace headgate::net {

namespace {

constexpr std::size_t slots = 16 * 1024;  // of address space; memory is taken when they are written
// Free ones that keep their pages, for the next ones who read or write.
constexpr std::size_t kept_free = 16;
// Of these, for one thread alone: a connection that is read or written has one at a time, or two.
constexpr std::size_t kept_by_thread = 4;

// Slots of one size, in whole pages.
class page_slots {
 public:
  explicit page_slots(std::size_t slot_bytes) : slot_bytes_(slot_bytes) {
    auto* region =
        ::mmap(nullptr, slots * slot_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) return;  // then the heap has to do
    begin_ = static_cast<std::uint8_t*>(region);
    used_.reserve(slots);
    unused_.reserve(slots);
  }

  // Null: all are in use.
  void* take() {
    const std::lock_guard lock(mutex_);
    auto& free = !used_.empty() ? used_ : unused_;
    if (!free.empty()) {
      auto* slot = free.back();
      free.pop_back();
      return slot;
    }
    if (begin_ == nullptr || next_ == slots) return nullptr;
    return begin_ + slot_bytes_ * next_++;
  }

  bool has(const void* memory) const {
    const auto* at = static_cast<const std::uint8_t*>(memory);
    return begin_ != nullptr && at >= begin_ && at < begin_ + slots * slot_bytes_;
  }

  void give_back(void* memory) {
    auto* slot = static_cast<std::uint8_t*>(memory);
    const std::lock_guard lock(mutex_);
    if (used_.size() < kept_free) return used_.push_back(slot);
    ::madvise(slot, slot_bytes_, MADV_DONTNEED);
    unused_.push_back(slot);
  }

 private:
  const std::size_t slot_bytes_;
  std::mutex mutex_;  // of what follows but `begin_`
  std::uint8_t* begin_ = nullptr;
  std::size_t next_ = 0;               // slots from here on were never used
  std::vector<std::uint8_t*> used_;    // free, with pages
  std::vector<std::uint8_t*> unused_;  // free, without
};

// What lives no longer than a read, a write or a handshake.
struct size_class {
  std::size_t more_than;
  std::size_t at_most;  // whole pages
};
constexpr std::array<size_class, 2> classes{{
    // What a handshake gathers its answer in.
    {4095, 4096},
    // A record: 16 KB of plain text at most, to which OpenSSL adds up to 1 KB for the head, the tag and its alignment
    // (RFC 8446, 5.2). What a handshake gathers the peer's messages in has 21.3 KB.
    {16 * 1024, 24 * 1024},
}};
constexpr std::size_t no_class = classes.size();

std::size_t class_of(std::size_t size) {
  std::size_t number = 0;
  while (number < classes.size() && (size <= classes[number].more_than || size > classes[number].at_most)) ++number;
  return number;
}

// OpenSSL gives memory back until the process ends.
page_slots& slots_of(std::size_t number) {
  static auto* const all =
      new std::array<page_slots, 2>{page_slots(classes[0].at_most), page_slots(classes[1].at_most)};
  return (*all)[number];
}

std::size_t class_that_has(const void* memory) {
  std::size_t number = 0;
  while (number < classes.size() && !slots_of(number).has(memory)) ++number;
  return number;
}

// Slots that this thread gave back last. OpenSSL takes and gives them at each read and write: threads shall not wait
// for each other then. It is there as long as the thread has memory of its own, so also when others of its kind are
// gone.
struct kept_slots {
  std::array<void*, kept_by_thread> slots;
  std::size_t count;
};
struct kept_by_class {
  std::array<kept_slots, classes.size()> of;
  bool is_over;
};
thread_local constinit kept_by_class kept{};

struct at_thread_end {
  ~at_thread_end() {
    kept.is_over = true;
    for (std::size_t number = 0; number < classes.size(); ++number) {
      auto& own = kept.of[number];
      while (own.count > 0) slots_of(number).give_back(own.slots[--own.count]);
    }
  }
};

void* take_slot(std::size_t number) {
  auto& own = kept.of[number];
  if (own.count > 0) return own.slots[--own.count];
  return slots_of(number).take();
}

void give_back_slot(void* slot, std::size_t number) {
  auto& own = kept.of[number];
  if (kept.is_over || own.count == own.slots.size()) return slots_of(number).give_back(slot);
  static thread_local const at_thread_end end;  // from the first slot on
  static_cast<void>(end);
  own.slots[own.count++] = slot;
}

void* allocate(std::size_t size, const char*, int) {
  if (const auto number = class_of(size); number != no_class) {
    if (auto* slot = take_slot(number)) return slot;
  }
  return size == 0 ? nullptr : std::malloc(size);
}

void release(void* memory, const char*, int) {
  if (memory == nullptr) return;
  if (const auto number = class_that_has(memory); number != no_class) return give_back_slot(memory, number);
  std::free(memory);
}

void* reallocate(void* memory, std::size_t size, const char* file, int line) {
  const auto number = class_that_has(memory);
  if (number == no_class) return std::realloc(memory, size);
  if (size == 0) {
    release(memory, file, line);
    return nullptr;
  }
  auto* moved = allocate(size, file, line);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, std::min(size, classes[number].at_most));
  release(memory, file, line);
  return moved;
}

}  // namespace

bool use_pages_for_tls_records() {
  return CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;
}

}  // namespace headgate::net
