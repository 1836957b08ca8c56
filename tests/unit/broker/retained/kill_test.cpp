#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>

#include "tests/unit/broker/retained/engine.hpp"

namespace headgate::broker::retained {
namespace {

constexpr const char* child_variable = "HEADGATE_TEST_KILLED_RETAINED";
constexpr std::uint64_t topics = 500;

// Message n of the log, the same in every life: every seventh erases.
std::string topic_of(std::uint64_t n) {
  return "fleet/" + std::to_string(n * 7919 % topics) + "/status";
}
std::string payload_of(std::uint64_t n) {
  return n % 7 == 0 ? "" : std::to_string(n);
}

// The child's life: applies, and says how far it is known to be written, until it is killed.
[[noreturn]] void write_until_killed(const std::string& directory) {
  tests::retained_engine engine(tests::engine_kind::durable, directory);
  for (;;) {
    for (int n = 0; n < 50; ++n) engine.put(topic_of(engine.next), payload_of(engine.next));
    if (engine.next % 200 == 0) {
      engine.ask("x", std::to_string(engine.next));
      const auto line = std::to_string(engine.next) + "\n";
      if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::abort();
    }
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
    ::execl("/proc/self/exe", "child", "--gtest_filter=retained_kill.*", nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  return {id, ::fdopen(ends[0], "r")};
}

// And meanwhile nobody else may open it.
TEST(retained_kill, the_store_is_a_fold_of_the_log_up_to_where_it_says) {
  if (const auto* directory = ::getenv(child_variable)) write_until_killed(directory);
  tests::temporary_directory directory;
  const auto child = start_child(directory.path());
  std::array<char, 256> line{};
  std::uint64_t last = 0;
  bool killed = false;
  while (::fgets(line.data(), line.size(), child.output) != nullptr) {
    if (line[0] < '0' || line[0] > '9') continue;  // what GoogleTest says
    last = ::strtoull(line.data(), nullptr, 10);
    if (last == 400) {
      const auto opened = retained_thread::open({.directory = directory.path()});
      ASSERT_FALSE(opened);
      EXPECT_NE(opened.error().find("in use by another process"), std::string::npos) << opened.error();
    }
    if (last >= 20'000 && !std::exchange(killed, true)) {
      ASSERT_EQ(::kill(child.id, SIGKILL), 0);
    }
  }
  ASSERT_GE(last, 20'000U);
  ::fclose(child.output);
  int status = 0;
  ASSERT_EQ(::waitpid(child.id, &status, 0), child.id);
  ASSERT_TRUE(WIFSIGNALED(status));

  tests::retained_engine engine(tests::engine_kind::durable, directory.path());
  const auto compare = [&](std::uint64_t end) {
    std::map<std::string, std::string> model;
    for (std::uint64_t n = 0; n < end; ++n) model[topic_of(n)] = payload_of(n);
    std::erase_if(model, [](const auto& one) { return one.second.empty(); });
    std::map<std::string, std::string> found;
    for (const auto& value : engine.ask("#").values) {
      const auto& record = engine.record_of(value);
      found.emplace(record.topic(), tests::payload_of(record));
    }
    EXPECT_EQ(found, model);
    EXPECT_EQ(engine.store().view().messages, model.size());
  };
  const auto applied = engine.store().applied().value;
  EXPECT_GE(applied, last) << "what was written before an answer";
  compare(applied);
  // The log has the rest.
  const auto end = applied + 1000;
  engine.next = applied;
  while (engine.next < end) engine.put(topic_of(engine.next), payload_of(engine.next));
  compare(end);
}

}  // namespace
}  // namespace headgate::broker::retained
