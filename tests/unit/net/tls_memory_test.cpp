#include "net/tls_memory.hpp"

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace headgate::net {
namespace {

constexpr std::size_t record_bytes = 16 * 1024 + 300;

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    if (word != "RssAnon:") continue;
    std::size_t kilobytes = 0;
    file >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

bool is_filled(const void* memory, std::uint8_t with, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(memory);
  return std::all_of(bytes, bytes + size, [&](std::uint8_t byte) { return byte == with; });
}

// It can be done once in a process and before anything else, so each test is a process of its own. Gives what the first
// false condition was, or 0.
int in_process(int (*test)()) {
  const auto child = ::fork();
  if (child == 0) ::_exit(use_pages_for_tls_records() ? test() : 100);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

int records_have_pages_of_their_own() {
  std::vector<void*> records;
  for (int n = 0; n < 2000; ++n) {
    records.push_back(OPENSSL_malloc(record_bytes));
    if (records.back() == nullptr) return 1;
    std::memset(records.back(), n % 251, record_bytes);
  }
  for (int n = 0; n < 2000; ++n) {
    if (!is_filled(records[n], static_cast<std::uint8_t>(n % 251), record_bytes)) return 2;
  }
  const auto before = resident_bytes();
  for (auto* record : records) OPENSSL_free(record);
  if (resident_bytes() + (std::size_t{30} << 20) > before) return 3;  // of 2,000 × 20 KB
  // What is used again is as good as new.
  for (auto& record : records) {
    record = OPENSSL_malloc(record_bytes);
    std::memset(record, 7, record_bytes);
  }
  for (auto* record : records) {
    if (!is_filled(record, 7, record_bytes)) return 4;
    OPENSSL_free(record);
  }
  return 0;
}

// Between what stays, where the heap could not give them back.
int answers_of_handshakes_have_pages_of_their_own() {
  std::vector<void*> answers;
  std::vector<void*> staying;
  for (int n = 0; n < 2000; ++n) {
    answers.push_back(OPENSSL_malloc(4096));
    std::memset(answers.back(), n % 251, 4096);
    staying.push_back(OPENSSL_malloc(100));
  }
  for (int n = 0; n < 2000; ++n) {
    if (!is_filled(answers[n], static_cast<std::uint8_t>(n % 251), 4096)) return 1;
  }
  const auto before = resident_bytes();
  for (auto* answer : answers) OPENSSL_free(answer);
  if (resident_bytes() + (std::size_t{7} << 20) > before) return 2;  // of 2,000 × 4 KB
  for (auto* each : staying) OPENSSL_free(each);
  return 0;
}

int more_than_there_are_come_from_the_heap() {
  std::vector<void*> records;
  for (int n = 0; n < 17'000; ++n) records.push_back(OPENSSL_malloc(record_bytes));
  for (auto* record : records) {
    if (record == nullptr) return 1;
    static_cast<std::uint8_t*>(record)[record_bytes - 1] = 1;
  }
  for (auto* record : records) OPENSSL_free(record);
  return 0;
}

int other_sizes_and_changes_of_size() {
  auto* small = OPENSSL_malloc(100);
  std::memset(small, 3, 100);
  auto* record = OPENSSL_realloc(small, record_bytes);
  if (!is_filled(record, 3, 100)) return 1;
  auto* paged = OPENSSL_malloc(record_bytes);
  std::memset(paged, 4, record_bytes);
  auto* large = OPENSSL_realloc(paged, 100'000);
  if (!is_filled(large, 4, record_bytes)) return 2;
  auto* other = OPENSSL_malloc(record_bytes);
  std::memset(other, 5, record_bytes);
  auto* shrunk = OPENSSL_realloc(other, 50);
  if (!is_filled(shrunk, 5, 50)) return 3;
  for (auto* each : {record, large, shrunk}) OPENSSL_free(each);
  return 0;
}

int threads_share_them() {
  std::vector<std::thread> threads;
  for (std::uint8_t mark = 1; mark <= 4; ++mark) {
    threads.emplace_back([mark] {
      for (int n = 0; n < 5000; ++n) {
        auto* record = OPENSSL_malloc(record_bytes);
        std::memset(record, mark, 64);
        if (!is_filled(record, mark, 64)) ::_exit(1);
        OPENSSL_free(record);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return 0;
}

// The same few places, over and over.
constexpr std::size_t few = 8;

int what_is_made_smaller_than_a_byte_is_given_back() {
  std::set<void*> places;
  for (int n = 0; n < 1000; ++n) {
    auto* record = OPENSSL_malloc(record_bytes);
    places.insert(record);
    if (OPENSSL_realloc(record, 0) != nullptr) return 1;
  }
  return places.size() <= few ? 0 : 2;
}

int threads_that_end_give_back_what_they_kept() {
  std::set<void*> places;
  for (int n = 0; n < 200; ++n) {
    std::thread([&] {
      auto* one = OPENSSL_malloc(record_bytes);
      auto* other = OPENSSL_malloc(record_bytes);
      places.insert({one, other});
      OPENSSL_free(one);
      OPENSSL_free(other);
    }).join();
  }
  return places.size() <= few ? 0 : 1;
}

TEST(tls_memory, answers_of_handshakes_have_pages_of_their_own) {
  EXPECT_EQ(in_process(answers_of_handshakes_have_pages_of_their_own), 0);
}

TEST(tls_memory, what_is_made_smaller_than_a_byte_is_given_back) {
  EXPECT_EQ(in_process(what_is_made_smaller_than_a_byte_is_given_back), 0);
}

TEST(tls_memory, threads_that_end_give_back_what_they_kept) {
  EXPECT_EQ(in_process(threads_that_end_give_back_what_they_kept), 0);
}

TEST(tls_memory, records_have_pages_of_their_own) {
  EXPECT_EQ(in_process(records_have_pages_of_their_own), 0);
}

TEST(tls_memory, more_than_there_are_come_from_the_heap) {
  EXPECT_EQ(in_process(more_than_there_are_come_from_the_heap), 0);
}

TEST(tls_memory, other_sizes_and_changes_of_size) {
  EXPECT_EQ(in_process(other_sizes_and_changes_of_size), 0);
}

TEST(tls_memory, threads_share_them) {
  EXPECT_EQ(in_process(threads_share_them), 0);
}

}  // namespace
}  // namespace headgate::net
