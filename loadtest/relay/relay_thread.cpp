#include "loadtest/relay/relay_thread.hpp"

namespace headgate::loadtest::relay {

namespace {

relay_options keeping_faults(relay_options options, std::vector<fault>& faults) {
  options.on_fault = [tell = std::move(options.on_fault), &faults](const fault& made) {
    faults.push_back(made);
    if (tell) tell(made);
  };
  return options;
}

}  // namespace

relay_thread::relay_thread(relay_options options) : relay_(keeping_faults(std::move(options), faults_)) {
  relay_.watch(wake_.fd(), [this] { wake_.clear(); });
  thread_ = std::thread([this] { run(); });
}

relay_thread::~relay_thread() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.wake();
  thread_.join();
}

void relay_thread::run() {
  while (true) {
    std::vector<std::packaged_task<void()>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(posted_);
      if (is_ending_ && tasks.empty()) return;
    }
    for (auto& task : tasks) task();
    relay_.step(tasks.empty() ? -1 : 0);
  }
}

void relay_thread::post_and_wait(const std::function<void()>& task) {
  std::packaged_task<void()> packaged(task);
  auto done = packaged.get_future();
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(packaged));
  }
  wake_.wake();
  done.get();
}

std::string relay_thread::apply(std::string line) {
  std::string answer;
  post_and_wait([&] { answer = relay_.apply(line); });
  return answer;
}

sums relay_thread::done() {
  sums copy;
  post_and_wait([&] { copy = relay_.done(); });
  return copy;
}

std::vector<fault> relay_thread::faults() {
  std::vector<fault> copy;
  post_and_wait([&] { copy = faults_; });
  return copy;
}

}  // namespace headgate::loadtest::relay
