#include "worker/session_desk.hpp"

#include <utility>
#include <variant>

#include "base/hash.hpp"

namespace headgate::worker {

namespace sessions = headgate::session_store;

session_desk::session_desk(base::worker_id self, std::uint64_t incarnation, handover::exchange& exchange,
                           session_events& events, const make_store& store)
    : self_(self), incarnation_(incarnation), exchange_(exchange), events_(events), store_(store(*this)) {}

void session_desk::submit(sessions::request&& request) {
  const auto directory = directory_of(request);
  if (directory == self_) return take(self_, std::move(request));
  exchange_.open(self_, directory).store_requests.push_back(std::move(request));
}

void session_desk::take(base::worker_id from, sessions::request&& request) {
  const auto number = open_.acquire();
  std::visit(
      [&](auto& asked) {
        open_[number] = {from, asked.request};
        asked.request = number;
      },
      request);
  store_->submit(std::move(request));
}

void session_desk::on_answer(sessions::answer&& answer) {
  const auto asker = std::visit(
      [&](auto& given) {
        const auto open = open_[given.request];
        open_.release(given.request);
        given.request = open.request;
        return open.from;
      },
      answer);
  if (asker == self_) return events_.store_answered(std::move(answer));
  exchange_.open(self_, asker).store_answers.push_back(std::move(answer));
}

void session_desk::ask(sessions::takeover_ask&& ask) {
  // A holder of another life of the process, or of one that had more workers, is nobody.
  if (ask.holder.incarnation != incarnation_ || ask.holder.worker.value >= exchange_.workers()) {
    return answer({ask.from, ask.request});
  }
  if (ask.holder.worker == self_) return events_.takeover_asked(ask);
  exchange_.open(self_, ask.holder.worker).asks.push_back(std::move(ask));
}

void session_desk::answer(sessions::takeover_answer&& answer) {
  if (answer.to == self_) return events_.takeover_answered(answer);
  exchange_.open(self_, answer.to).answers.push_back(answer);
}

base::worker_id session_desk::directory_of(const sessions::request& request) const {
  return std::visit(
      [&](const auto& asked) {
        using asked_type = std::decay_t<decltype(asked)>;
        // Each worker sweeps its own.
        if constexpr (std::is_same_v<asked_type, sessions::sweep>) {
          return self_;
        } else {
          return base::worker_id{static_cast<std::uint16_t>(base::hash_of(asked.client_id) % exchange_.workers())};
        }
      },
      request);
}

}  // namespace headgate::worker
