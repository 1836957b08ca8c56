#include "net/tls_memory.hpp"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

namespace headgate::net {

namespace {

// A record's plain text has 16 KB at most, and OpenSSL adds up to 1 KB for the head, the tag and its alignment
// (RFC 8446, 5.2).
constexpr std::size_t smallest = 16 * 1024;
// What a handshake's messages are gathered in has 21.3 KB. In whole pages:
constexpr std::size_t slot_bytes = 24 * 1024;
constexpr std::size_t slots = 16 * 1024;  // of address space; memory is taken when they are written
// Free ones that keep their pages, for the next ones who read or write.
constexpr std::size_t kept_free = 16;
// Of these, for one thread alone: a connection that is read or written has one at a time, or two.
constexpr std::size_t kept_by_thread = 4;

class record_pages {
 public:
  record_pages() {
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
    return begin_ + slot_bytes * next_++;
  }

  bool has(const void* memory) const {
    const auto* at = static_cast<const std::uint8_t*>(memory);
    return begin_ != nullptr && at >= begin_ && at < begin_ + slots * slot_bytes;
  }

  void give_back(void* memory) {
    auto* slot = static_cast<std::uint8_t*>(memory);
    const std::lock_guard lock(mutex_);
    if (used_.size() < kept_free) return used_.push_back(slot);
    ::madvise(slot, slot_bytes, MADV_DONTNEED);
    unused_.push_back(slot);
  }

 private:
  std::mutex mutex_;  // of what follows but `begin_`
  std::uint8_t* begin_ = nullptr;
  std::size_t next_ = 0;               // slots from here on were never used
  std::vector<std::uint8_t*> used_;    // free, with pages
  std::vector<std::uint8_t*> unused_;  // free, without
};

// OpenSSL gives memory back until the process ends.
record_pages& pages() {
  static auto* all = new record_pages;
  return *all;
}

// Slots that this thread gave back last. OpenSSL takes and gives them at each read and write: threads shall not wait
// for each other then. It is there as long as the thread has memory of its own, so also when others of its kind are
// gone.
struct kept_slots {
  std::array<void*, kept_by_thread> slots;
  std::size_t count;
  bool is_over;
};
thread_local constinit kept_slots kept{};

struct at_thread_end {
  ~at_thread_end() {
    kept.is_over = true;
    while (kept.count > 0) pages().give_back(kept.slots[--kept.count]);
  }
};

void* take_slot() {
  if (kept.count > 0) return kept.slots[--kept.count];
  return pages().take();
}

void give_back_slot(void* slot) {
  if (kept.is_over || kept.count == kept.slots.size()) return pages().give_back(slot);
  static thread_local const at_thread_end end;  // from the first slot on
  static_cast<void>(end);
  kept.slots[kept.count++] = slot;
}

void* allocate(std::size_t size, const char*, int) {
  if (size > smallest && size <= slot_bytes) {
    if (auto* slot = take_slot()) return slot;
  }
  return size == 0 ? nullptr : std::malloc(size);
}

void release(void* memory, const char*, int) {
  if (memory == nullptr) return;
  if (pages().has(memory)) return give_back_slot(memory);
  std::free(memory);
}

void* reallocate(void* memory, std::size_t size, const char* file, int line) {
  if (memory == nullptr || !pages().has(memory)) return std::realloc(memory, size);
  if (size == 0) {
    release(memory, file, line);
    return nullptr;
  }
  auto* moved = allocate(size, file, line);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, size < slot_bytes ? size : slot_bytes);
  release(memory, file, line);
  return moved;
}

}  // namespace

bool use_pages_for_tls_records() {
  return CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;
}

}  // namespace headgate::net
