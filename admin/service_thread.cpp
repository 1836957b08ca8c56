#include "admin/service_thread.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "base/assert.hpp"

namespace headgate::admin {

namespace asio = boost::asio;

// Posters hold it, so it may live longer than the service_thread; its io_context does not.
struct service_thread::core {
  void post(task task) {
    const std::lock_guard lock(mutex);
    if (context) asio::post(*context, std::move(task));
  }

  std::mutex mutex;  // of `context`, which goes while others post
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);
  std::thread thread;
};

service_thread::service_thread() : core_(std::make_shared<core>()) {}

service_thread::~service_thread() {
  stop();
}

void service_thread::start() {
  HEADGATE_ASSERT(core_->context && !core_->thread.joinable());
  core_->thread = std::thread([context = core_->context.get()] {
    pthread_setname_np(pthread_self(), "headgate-svc");
    const auto stay = asio::make_work_guard(*context);
    context->run();
  });
}

void service_thread::stop() {
  if (!core_->context) return;
  HEADGATE_ASSERT(core_->thread.get_id() != std::this_thread::get_id());
  core_->context->stop();
  if (core_->thread.joinable()) core_->thread.join();
  std::unique_ptr<asio::io_context> context;
  {
    const std::lock_guard lock(core_->mutex);
    context = std::move(core_->context);
  }
  // Destroyed here, without the lock: tasks that go with it may hold a poster, even the last one.
}

void service_thread::post(task task) {
  core_->post(std::move(task));
}

void service_thread::after(std::uint32_t delay_ms, task task) {
  const std::lock_guard lock(core_->mutex);
  if (!core_->context) return;
  auto timer = std::make_shared<asio::steady_timer>(*core_->context, std::chrono::milliseconds(delay_ms));
  auto* waiting = timer.get();
  waiting->async_wait([timer = std::move(timer), task = std::move(task)](boost::system::error_code error) {
    if (!error) task();
  });
}

std::function<void(service_thread::task)> service_thread::poster() const {
  return [core = core_](task task) { core->post(std::move(task)); };
}

asio::io_context& service_thread::context() {
  HEADGATE_ASSERT(core_->context);
  return *core_->context;
}

}  // namespace headgate::admin
