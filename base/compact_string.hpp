#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace headgate::base {

// An immutable text in 24 bytes: up to 23 bytes inside, longer ones on the heap. For tables of millions of client ids
// and topics, where std::string's 32 bytes and its second allocation from 16 bytes on count. At most 4 GiB.
class compact_string {
 public:
  compact_string() = default;
  explicit compact_string(std::string_view text) {
    if (text.size() <= max_inside) {
      if (!text.empty()) std::memcpy(bytes_, text.data(), text.size());
      bytes_[max_inside] = static_cast<char>(text.size());
      return;
    }
    auto* heap = new char[text.size()];
    std::memcpy(heap, text.data(), text.size());
    const auto size = static_cast<std::uint32_t>(text.size());
    std::memcpy(bytes_, &heap, sizeof heap);
    std::memcpy(bytes_ + sizeof heap, &size, sizeof size);
    bytes_[max_inside] = on_heap;
  }
  compact_string(compact_string&& other) noexcept { swap(other); }
  compact_string& operator=(compact_string&& other) noexcept {
    compact_string(std::move(other)).swap(*this);
    return *this;
  }
  compact_string(const compact_string&) = delete;
  compact_string& operator=(const compact_string&) = delete;
  ~compact_string() {
    if (bytes_[max_inside] == on_heap) delete[] heap();
  }

  std::string_view view() const {
    if (bytes_[max_inside] != on_heap) return {bytes_, static_cast<std::size_t>(bytes_[max_inside])};
    std::uint32_t size;
    std::memcpy(&size, bytes_ + sizeof(char*), sizeof size);
    return {heap(), size};
  }
  void swap(compact_string& other) noexcept {
    char held[sizeof bytes_];
    std::memcpy(held, bytes_, sizeof bytes_);
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    std::memcpy(other.bytes_, held, sizeof bytes_);
  }

 private:
  static constexpr std::size_t max_inside = 23;
  static constexpr char on_heap = 24;

  char* heap() const {
    char* heap;
    std::memcpy(&heap, bytes_, sizeof heap);
    return heap;
  }

  alignas(8) char bytes_[24] = {};
};

}  // namespace headgate::base
