#pragma once

#include <cstdint>
#include <span>

namespace headgate::proxy::session {

// One filter that a session holds, and at which place of the filter's subscribers the session stands.
struct held_filter {
  std::uint32_t filter = 0;
  std::uint32_t place = 0;
};

// The filters of one session, sorted by their number; 16 bytes while empty.
class subscription_list {
 public:
  subscription_list() = default;
  subscription_list(const subscription_list&) = delete;
  subscription_list& operator=(const subscription_list&) = delete;
  ~subscription_list() { delete[] held_; }

  std::span<const held_filter> all() const { return {held_, size_}; }
  std::uint32_t size() const { return size_; }
  // Null when the session does not hold it.
  held_filter* find(std::uint32_t filter);
  const held_filter* find(std::uint32_t filter) const;
  // The session must not hold it yet.
  void insert(held_filter added);
  void erase(std::uint32_t filter);
  void clear();

 private:
  held_filter* held_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace headgate::proxy::session
