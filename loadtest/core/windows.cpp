#include <algorithm>

#include "loadtest/core/connections.hpp"
#include "loadtest/core/publishing.hpp"

namespace headgate::loadtest::core {

namespace {

constexpr std::uint64_t reopening_patience_ns = 2 * second_ns;

std::uint32_t window_of(const fleet& fleet, const publisher& publisher) {
  return plan_of(fleet, publisher.client).publish->window;
}

// Every subscriber that is past a message counts once in its place, which is used again when all are.
void pass(publisher& publisher, std::uint64_t from, std::uint64_t to) {
  const std::uint64_t window = publisher.passed.size();
  for (std::uint64_t n = std::max(from, publisher.delivered); n < to && n < publisher.delivered + window; ++n) {
    ++publisher.passed[n % window];
  }
}

bool advance(publisher& publisher) {
  const std::uint64_t before = publisher.delivered;
  const std::uint64_t window = publisher.passed.size();
  while (publisher.delivered < publisher.sent && publisher.passed[publisher.delivered % window] >= publisher.flows) {
    publisher.passed[publisher.delivered++ % window] = 0;
  }
  return publisher.delivered != before;
}

}  // namespace

std::uint64_t under_way(const fleet& fleet, const publisher& publisher) {
  std::uint64_t most = publisher.flows == 0 ? 0 : publisher.sent - std::min(publisher.sent, publisher.delivered);
  for (const part& of : publisher.parts) {
    const std::uint64_t lacks = fleet.audit.lacking(fleet.audit.flows_of(audience_index(of.audience))[of.place]);
    most = std::max(most, lacks - std::min(lacks, of.ignored));
  }
  return most;
}

void on_progress(fleet& fleet, std::uint32_t audience, std::uint32_t index, audit::progress moved) {
  publisher& publisher = fleet.publishers[index];
  if (!publisher.parts.empty()) {
    for (part& of : publisher.parts) {
      if (of.audience == audience) of.ignored = 0;
    }
    mark_pending(fleet, index);
  }
  if (publisher.flows == 1) {
    publisher.delivered = std::max(publisher.delivered, moved.to);
    mark_pending(fleet, index);
  } else if (publisher.flows > 1 && !publisher.passed.empty()) {
    pass(publisher, moved.from, moved.to);
    if (publisher.passed[publisher.delivered % publisher.passed.size()] >= publisher.flows && advance(publisher)) {
      mark_pending(fleet, index);
    }
  }
}

void renew_windows(fleet& fleet) {
  fleet.windows_are_stale = false;
  for (publisher& publisher : fleet.publishers) {
    publisher.flows = 0;
    publisher.parts.clear();
    publisher.delivered = publisher.sent;
  }
  // Members of a shared subscription have their flows together.
  std::vector<bool> visited(fleet.clients.size());
  const auto for_each_flow = [&fleet, &visited](auto&& visit) {
    visited.assign(visited.size(), false);
    for (const client& client : fleet.clients) {
      if (client.audience == none || !client.is_listening || visited[client.audience]) continue;
      visited[client.audience] = true;
      const auto flows = fleet.audit.flows_of(audience_index(client.audience));
      for (std::uint32_t place = 0; place < flows.size(); ++place) visit(flows[place], part{client.audience, place, 0});
    }
  };
  for_each_flow([&fleet](const flow& flow, part where) {
    publisher& publisher = fleet.publishers[flow.publisher];
    if (flow.mask != 0) {
      publisher.parts.push_back(where);
      return;
    }
    ++publisher.flows;
    publisher.delivered = std::min(publisher.delivered, fleet.audit.due_from(flow));
  });
  for (std::uint32_t index = 0; index < fleet.publishers.size(); ++index) {
    publisher& publisher = fleet.publishers[index];
    const std::uint32_t window = window_of(fleet, publisher);
    publisher.passed.clear();
    if (window == 0) continue;
    publisher.delivered =
        std::max(publisher.delivered, publisher.sent - std::min<std::uint64_t>(publisher.sent, window));
    if (publisher.flows > 1) publisher.passed.resize(window);
    mark_pending(fleet, index);
  }
  for_each_flow([&fleet](const flow& flow, part) {
    publisher& publisher = fleet.publishers[flow.publisher];
    if (flow.mask == 0 && !publisher.passed.empty()) pass(publisher, 0, fleet.audit.due_from(flow));
  });
}

void reopen_windows(fleet& fleet, std::uint64_t now_ns) {
  for (std::uint32_t index = 0; index < fleet.publishers.size(); ++index) {
    publisher& publisher = fleet.publishers[index];
    if (window_of(fleet, publisher) == 0 || under_way(fleet, publisher) == 0) continue;
    if (now_ns < publisher.moved_ns + reopening_patience_ns) continue;
    publisher.delivered = publisher.sent;
    for (part& of : publisher.parts) {
      of.ignored = fleet.audit.lacking(fleet.audit.flows_of(audience_index(of.audience))[of.place]);
    }
    std::ranges::fill(publisher.passed, 0);
    publisher.moved_ns = now_ns;
    ++fleet.results.windows_reopened;
    mark_pending(fleet, index);
  }
}

}  // namespace headgate::loadtest::core
