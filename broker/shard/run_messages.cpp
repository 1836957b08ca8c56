#include <variant>

#include "broker/shard/shard_state.hpp"

namespace headgate::broker::shard {

namespace {

// One overload a kind of message.
struct dispatcher {
  shard_state& state;
  link::shard_inbox& inbox;
  base::wall_ms now;
  inboxes& workers;

  void operator()(link::publish_batch& message) const { on_publish_batch(state, std::move(message), now, workers); }
  void operator()(const link::register_route& message) const { on_register_route(state, message, workers); }
  void operator()(const link::withdraw_route& message) const { on_withdraw_route(state, message, now, workers); }
  void operator()(const link::read_request& request) const {
    const std::span<const std::uint32_t> filters(inbox.filters);
    const std::span<const std::string_view> texts(inbox.texts);
    on_read(state, request, filters.subspan(request.first_filter, request.filter_count),
            texts.subspan(request.first_text, request.text_count), workers);
  }
  void operator()(const link::fetch_request& request) const {
    const std::span<const record::offset> places(inbox.places);
    on_fetch(state, request, places.subspan(request.first_place, request.place_count), workers);
  }
  void operator()(const link::retained_request& request) const { on_retained(state, request, now, workers); }
  void operator()(const link::group_credit& message) const { on_group_credit(state, message); }
  void operator()(const link::group_away& message) const { on_group_away(state, message, now); }
  void operator()(const link::group_done& message) const { on_group_done(state, message); }
  void operator()(const link::group_return& message) const { on_group_return(state, message, now); }
  void operator()(const link::group_held& message) const { on_group_held(state, message); }
  void operator()(const link::barrier& message) const { on_barrier(state, message, workers); }
  void operator()(const link::forget& message) const { state.exchanges.erase(message.exchange); }
};

}  // namespace

void run_messages(shard_state& state, link::shard_inbox& inbox, base::wall_ms now, inboxes& workers) {
  const dispatcher dispatch{state, inbox, now, workers};
  for (auto& message : inbox.messages) std::visit(dispatch, message);
  inbox.clear();
}

}  // namespace headgate::broker::shard
