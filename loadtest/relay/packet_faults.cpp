#include "loadtest/relay/packet_faults.hpp"

#include <algorithm>

#include "mqtt/connect.hpp"

namespace headgate::loadtest::relay {

namespace {

using mqtt::bytes;
using mqtt::frame_outcome;
using mqtt::packet_type;

constexpr std::size_t kept_capacity = 16 * 1024;  // what a direction keeps between two packets that came in pieces

packet_type type_of(std::uint8_t first_byte) {
  return static_cast<packet_type>(first_byte >> 4);
}

frame_outcome first_frame(bytes input, mqtt::version version) {
  return mqtt::next_frame(input, ~std::uint32_t{0}, version);
}

}  // namespace

void packet_faults::take(bytes input, std::vector<std::uint8_t>& out) {
  while (!input.empty() && !whose_.is_cut) {
    if (is_other_) {
      pass(input, out);
      return;
    }
    if (passing_ > 0) {
      const auto size = std::min(passing_, input.size());
      pass(input.first(size), out);
      passing_ -= size;
      input = input.subspan(size);
    } else {
      input = pending_.empty() ? begin_frame(input, out) : fill_pending(input, out);
    }
  }
}

// Returns what is left of the input.
bytes packet_faults::begin_frame(bytes input, output& out) {
  const auto found = first_frame(input, whose_.version);
  const bool is_first = whose_.speaks == identity::protocol::unknown;
  if (found.what == frame_outcome::kind::malformed ||
      (is_first && (way_ == direction::down || type_of(input[0]) != packet_type::connect))) {
    become_other(out);
    return input;
  }
  if (found.what == frame_outcome::kind::complete) {
    count(input[0]);
    const auto whole = input.first(found.size);
    is_examined(input[0], found.size) ? examine(found.packet, whole, out) : pass(whole, out);
    return input.subspan(found.size);
  }
  if (found.size > 0 && !is_examined(input[0], found.size)) {
    count(input[0]);
    passing_ = found.size;
    return input;
  }
  pending_.assign(input.begin(), input.end());
  return {};
}

bytes packet_faults::fill_pending(bytes input, output& out) {
  auto found = first_frame(pending_, whose_.version);
  if (found.size == 0) {  // the fixed header is not whole
    pending_.push_back(input[0]);
    input = input.subspan(1);
    found = first_frame(pending_, whose_.version);
    if (found.what == frame_outcome::kind::malformed) {
      become_other(out);
      return input;
    }
    if (found.size == 0) return input;
    if (!is_examined(pending_[0], found.size)) {
      count(pending_[0]);
      pass(pending_, out);
      passing_ = found.size - pending_.size();
      pending_.clear();
      return input;
    }
  }
  const auto size = std::min(found.size - pending_.size(), input.size());
  pending_.insert(pending_.end(), input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
  if (pending_.size() < found.size) return {};
  count(pending_[0]);
  output whole;
  whole.swap(pending_);
  examine(first_frame(whole, whose_.version).packet, whole, out);
  if (whole.capacity() <= kept_capacity) {
    whole.clear();
    pending_.swap(whole);
  }
  return input.subspan(size);
}

// Not MQTT from here on. If that is so from the start, it is so in the other direction as well.
void packet_faults::become_other(output& out) {
  is_other_ = true;
  if (whose_.speaks == identity::protocol::unknown && way_ == direction::up) whose_.speaks = identity::protocol::other;
  finish(out);
}

bool packet_faults::is_examined(std::uint8_t first_byte, std::size_t size) {
  const auto type = type_of(first_byte);
  if (size > max_examined_bytes) {
    // Who a client is that says so much is not known: MQTT of some version, without a name.
    if (type == packet_type::connect) whose_.speaks = identity::protocol::mqtt;
    return false;
  }
  if (known_changes_ != plan_.changes() || known_protocol_ != whose_.speaks) {
    known_changes_ = plan_.changes();
    known_protocol_ = whose_.speaks;
    types_ = plan_.types_of_interest(whose_, way_);
    std::erase_if(counts_, [this](const stream_count& each) { return !plan_.has(each.rule); });
  }
  switch (type) {
    case packet_type::connect:
      return true;
    case packet_type::publish: {
      if (whose_.version == mqtt::version::v5 || held_) return true;
      break;
    }
    case packet_type::disconnect: {
      if (held_) return true;
      break;
    }
    default:
      break;
  }
  return (types_ & bit_of(type)) != 0;
}

void packet_faults::count(std::uint8_t first_byte) {
  auto& way = log_.done.of(way_);
  ++way.packets;
  way.publishes += type_of(first_byte) == packet_type::publish;
}

void packet_faults::examine(const mqtt::frame& packet, bytes whole, output& out) {
  if (packet.type == packet_type::connect && way_ == direction::up) {
    learn_from_connect(packet);
    (void)is_examined(whole[0], whole.size());  // the rules for a client of this name
  }
  fault made;
  packet_facts facts;
  const bool is_wanted = (types_ & bit_of(packet.type)) != 0;
  if (is_wanted || (packet.type == packet_type::publish && whose_.version == mqtt::version::v5)) {
    facts = look(packet, made);
  }
  if (!is_wanted) {
    emit(packet.type, whole, 1, out);
    return;
  }
  carry_out(plan_.decide(whose_, way_, facts, counts_), made, whole, out);
}

void packet_faults::learn_from_connect(const mqtt::frame& packet) {
  if (whose_.speaks == identity::protocol::mqtt) return;
  whose_.speaks = identity::protocol::mqtt;
  if (const auto found = mqtt::decode_connect(packet)) {
    whose_.version = found->version;
    whose_.client_id = found->client_id;
  } else {
    whose_.version = mqtt::version_of_broken_connect(packet);
  }
}

void packet_faults::emit(packet_type type, bytes whole, int times, output& out) {
  if (type == packet_type::disconnect) let_held_go(out);
  for (int n = 0; n < times; ++n) pass(whole, out);
  if (type != packet_type::publish || !held_) return;
  log_.add(held_->made);
  let_held_go(out);
}

void packet_faults::let_held_go(output& out) {
  if (!held_) return;
  pass(held_->data, out);
  held_.reset();
}

void packet_faults::finish(std::vector<std::uint8_t>& out) {
  if (whose_.is_cut) return;
  let_held_go(out);
  pass(pending_, out);
  pending_ = {};
}

void packet_faults::rules_changed(std::vector<std::uint8_t>& out) {
  if (held_ && !plan_.has(held_->made.rule)) let_held_go(out);
}

}  // namespace headgate::loadtest::relay
