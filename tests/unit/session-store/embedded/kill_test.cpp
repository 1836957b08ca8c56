#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "tests/unit/session-store/engine.hpp"

namespace headgate::session_store {
namespace {

constexpr const char* child_variable = "HEADGATE_TEST_KILLED_STORE";

// The child's life: saves, and says so, until it is killed.
[[noreturn]] void write_until_killed(const std::string& directory) {
  hand_moved_clock clock;
  answer_list answers;
  tests::embedded_home home(directory);
  home.open(clock.now());
  const auto store = home.make(0, answers, clock, 0);
  for (std::uint32_t n = 0;; ++n) {
    const auto id = "device " + std::to_string(n);
    store->submit(claim{.request = n,
                        .client_id = id,
                        .owner = owner_number(1),
                        .nonce = n,
                        .afterlife = {.expiry_s = 100, .will = "will " + id, .will_s = 50}});
    home.wait_until([&] { return !answers.all.empty(); });
    const auto token = answers.take<claimed>().token;
    store->submit(save{n, id, token, "record " + std::to_string(n)});
    home.wait_until([&] { return !answers.all.empty(); });
    answers.all.clear();
    if (n % 2 == 1) {
      store->submit(release{n, id, token, "released " + std::to_string(n), {200, {}, 0}});
      home.wait_until([&] { return !answers.all.empty(); });
      answers.all.clear();
    }
    const auto line = std::to_string(n) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::abort();
  }
}

// This program again, with this test alone, its standard output in a pipe.
struct child {
  pid_t id = 0;
  FILE* output = nullptr;
};
child start_child(const std::string& directory) {
  std::array<int, 2> ends{};
  HEADGATE_ASSERT(::pipe(ends.data()) == 0);
  const auto id = ::fork();
  HEADGATE_ASSERT(id >= 0);
  if (id == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::setenv(child_variable, directory.c_str(), 1);
    ::execl("/proc/self/exe", "child", "--gtest_filter=embedded_kill.*", nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  return {id, ::fdopen(ends[0], "r")};
}

// And meanwhile nobody else may open it.
TEST(embedded_kill, what_was_answered_is_there_when_the_process_was_killed) {
  if (const auto* directory = ::getenv(child_variable)) write_until_killed(directory);
  tests::temporary_directory directory;
  const auto child = start_child(directory.path());
  std::array<char, 256> line{};
  int last = -1;
  while (::fgets(line.data(), line.size(), child.output) != nullptr) {
    if (line[0] < '0' || line[0] > '9') continue;  // what GoogleTest says
    last = ::atoi(line.data());
    if (last == 100) {
      embedded::store_thread::options options;
      options.directory = directory.path();
      const auto opened = embedded::store_thread::open(options);
      ASSERT_FALSE(opened);
      EXPECT_NE(opened.error().find("is in use by another process"), std::string::npos) << opened.error();
    }
    if (last == 300) {
      ASSERT_EQ(::kill(child.id, SIGKILL), 0);
    }
  }
  ASSERT_GE(last, 300);
  ::fclose(child.output);
  int status = 0;
  ASSERT_EQ(::waitpid(child.id, &status, 0), child.id);
  ASSERT_TRUE(WIFSIGNALED(status));

  hand_moved_clock clock;
  answer_list answers;
  tests::embedded_home home(directory.path());
  home.open(clock.now());
  const auto store = home.make(0, answers, clock, 0);
  EXPECT_GE(store->view().kept, static_cast<std::uint64_t>(last + 1));
  for (int n = 0; n <= last; ++n) {
    store->submit(
        claim{.request = 1, .client_id = "device " + std::to_string(n), .owner = owner_number(2), .nonce = 1});
    home.wait_until([&] { return !answers.all.empty(); });
    const auto answer = answers.take<claimed>();
    ASSERT_EQ(answer.what, claimed::outcome::granted);
    ASSERT_TRUE(answer.present);
    ASSERT_EQ(answer.record, (n % 2 == 1 ? "released " : "record ") + std::to_string(n));
    ASSERT_EQ(answer.will, n % 2 == 1 ? "" : "will device " + std::to_string(n));
  }
}

}  // namespace
}  // namespace headgate::session_store
