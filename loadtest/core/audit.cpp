#include "loadtest/core/audit.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "loadtest/core/audit_details.hpp"

// Setting up, and what all events need. The events are in audit_publishers, audit_members and audit_delivery.
namespace headgate::loadtest::core {

namespace {

constexpr std::uint8_t findings_of_a_kind = 5;

// What a vector that grows by doubling takes when it is full.
template <class Element>
void take_for_one_more(const std::vector<Element>& growing, memory_budget& memory) {
  if (growing.size() == growing.capacity())
    memory.take_anyway(std::max<std::size_t>(1, growing.size()) * sizeof(Element));
}

template <class Element>
void reserve_in(std::vector<Element>& growing, std::size_t count, memory_budget& memory) {
  if (count <= growing.capacity()) return;
  memory.take_anyway((count - growing.capacity()) * sizeof(Element));
  growing.reserve(count);
}

}  // namespace

flow::flow() = default;
flow::~flow() = default;
flow::flow(flow&&) noexcept = default;
flow& flow::operator=(flow&&) noexcept = default;

audit::audit(std::uint64_t memory_bytes) : memory_(memory_bytes) {
  verdict_.memory_limit = memory_bytes;
}

audit::~audit() = default;

// More flows than there is memory for are refused one by one.
void audit::reserve(std::size_t publishers, std::size_t audiences, std::size_t flows) {
  reserve_in(publishers_, publishers, memory_);
  reserve_in(audiences_, audiences, memory_);
  const std::uint64_t left = memory_.limit() - std::min(memory_.limit(), memory_.held());
  if (flows * sizeof(flow) <= left) reserve_in(flows_, flows, memory_);
}

publisher_index audit::add_publisher(const publisher_terms& terms) {
  take_for_one_more(publishers_, memory_);
  publisher_record& added = publishers_.emplace_back();
  added.qos = terms.qos;
  added.expiry_s = terms.expiry_s;
  added.topics = std::max<std::uint32_t>(1, terms.topics);
  return publisher_index(static_cast<std::uint32_t>(publishers_.size() - 1));
}

std::uint32_t audit::add_mask(const topic_mask& mask) {
  if (std::ranges::all_of(mask.wanted, [](bool wanted) { return wanted; })) return 0;
  masks_.emplace_back(mask);
  memory_.take_anyway(masks_.back().size_bytes());
  return static_cast<std::uint32_t>(masks_.size());
}

audience_index audit::add_audience(const audience_terms& terms) {
  take_for_one_more(audiences_, memory_);
  audience_record& added = audiences_.emplace_back();
  added.qos = terms.qos;
  added.is_shared = terms.is_shared;
  added.is_persistent = terms.is_persistent;
  return audience_index(static_cast<std::uint32_t>(audiences_.size() - 1));
}

bool audit::add_flow(audience_index audience, publisher_index publisher, std::uint32_t mask) {
  audience_record& to = audiences_[audience.value];
  if (flows_.size() == flows_.capacity()) {
    const std::size_t more = flows_.size() + std::max<std::size_t>(4, flows_.size() / 2);
    if (!memory_.take(more * sizeof(flow))) {
      to.lacks_flows = true;
      forget();
      return false;
    }
    const std::size_t before = flows_.capacity();
    flows_.reserve(more);
    memory_.give(before * sizeof(flow));
  }
  if (to.flows == 0) {
    to.first_flow = to.last_flow = static_cast<std::uint32_t>(flows_.size());
    to.first_publisher = publisher.value;
  }
  HEADGATE_ASSERT(to.first_flow + to.flows == flows_.size());
  HEADGATE_ASSERT(to.flows == 0 || flows_.back().publisher < publisher.value);
  to.is_contiguous = to.is_contiguous && publisher.value == to.first_publisher + to.flows;
  ++to.flows;
  flow& added = flows_.emplace_back();
  added.publisher = publisher.value;
  added.mask = mask;
  return true;
}

std::span<const flow> audit::flows_of(audience_index audience) const {
  const audience_record& of = audiences_[audience.value];
  return std::span(flows_).subspan(of.first_flow, of.flows);
}

std::span<flow> audit::flows_in(const audience_record& of) {
  return std::span(flows_).subspan(of.first_flow, of.flows);
}

bool audit::wants(const flow& at, std::uint64_t sequence) const {
  return at.mask == 0 || masks_[at.mask - 1].wants(sequence);
}

std::uint64_t audit::next_wanted(const flow& at, std::uint64_t sequence) const {
  return at.mask == 0 ? sequence : std::min(masks_[at.mask - 1].next(sequence), publishers_[at.publisher].sent);
}

std::uint64_t audit::count_wanted(const flow& at, std::uint64_t from, std::uint64_t to) const {
  return at.mask == 0 ? to - from : masks_[at.mask - 1].count(from, to);
}

std::uint64_t audit::count_wanted(const flow& at, std::span<const sequence_range> ranges) const {
  std::uint64_t sum = 0;
  for (const sequence_range& range : ranges) sum += count_wanted(at, range.from, range.to);
  return sum;
}

std::uint64_t audit::outstanding(const flow& at) const {
  return count_wanted(at, at.next, publishers_[at.publisher].sent);
}

std::uint64_t audit::due_from(const flow& at) const {
  const sequence_range* const excused = at.more == nullptr ? nullptr : at.more->not_due.range_of(at.next);
  return excused == nullptr ? at.next : excused->to;
}

std::uint64_t audit::lacking(const flow& at) const {
  return count_wanted(at, due_from(at), publishers_[at.publisher].sent);
}

std::uint32_t audit::topics_of(const flow& at) const {
  return at.mask == 0 ? publishers_[at.publisher].topics : masks_[at.mask - 1].topics();
}

mqtt::qos audit::qos_of(const audience_record& to, const flow& at) const {
  return mqtt::lower(to.qos, publishers_[at.publisher].qos);
}

flow::details* audit::details_of(flow& at) {
  if (at.more == nullptr && memory_.take(sizeof(flow::details) + allocation_bytes)) {
    at.more = std::make_unique<flow::details>();
  }
  return at.more.get();
}

publisher_details* audit::details_of(publisher_record& of) {
  if (of.more == nullptr && memory_.take(sizeof(publisher_details) + allocation_bytes)) {
    of.more = std::make_unique<publisher_details>();
  }
  return of.more.get();
}

void audit::report(fault_kind kind, std::uint32_t publisher, std::uint32_t audience, sequence_range range,
                   std::uint64_t count) {
  const auto at = static_cast<std::size_t>(kind);
  verdict_.counts[at] += count;
  if (findings_[at] == findings_of_a_kind) return;
  ++findings_[at];
  verdict_.findings.push_back({kind, publisher, audience, range.from, range.to});
}

}  // namespace headgate::loadtest::core
