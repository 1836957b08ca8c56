#include "loadtest/relay/fault.hpp"

#include <cstdio>
#include <numeric>

#include "base/printable.hpp"

namespace headgate::loadtest::relay {

namespace {

// What stands in MQTT's texts is UTF-8 already; printable() takes care of what a broken packet brings.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : base::printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// An object of JSON, member by member.
class object {
 public:
  void add(const char* name, const std::string& value) {
    text_ += (text_.empty() ? "{\"" : ",\"") + std::string(name) + "\":" + value;
  }
  void add(const char* name, std::uint64_t value) { add(name, std::to_string(value)); }
  std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }

 private:
  std::string text_;
};

std::string json_of(const sums::one_way& way) {
  object out;
  out.add("bytes", way.bytes);
  out.add("packets", way.packets);
  out.add("publishes", way.publishes);
  return out.text();
}

std::string text_of(const sums::one_way& way) {
  return std::to_string(way.packets) + " packets (" + std::to_string(way.publishes) + " PUBLISH, " +
         std::to_string(way.bytes) + " bytes)";
}

}  // namespace

std::string as_text(const fault& made) {
  std::string text = "fault ";
  text += name_of(made.kind);
  if (made.connection > 0) {
    text += " connection " + std::to_string(made.connection) + " client '" + base::printable(made.client_id) + "'";
  }
  if (made.way) text += std::string(" ") + name_of(*made.way);
  if (made.packet) text += std::string(" ") + name_of(*made.packet);
  if (made.packet_id > 0) text += " id " + std::to_string(made.packet_id);
  if (made.packet == mqtt::packet_type::publish) {
    text += " topic '" + base::printable(made.topic) + "' payload " + std::to_string(made.payload_size) + " bytes";
  }
  if (made.byte) {
    text += std::string(made.corrupts_topic ? ", of the topic" : ", of the payload") + " byte " +
            std::to_string(*made.byte) + " bit " + std::to_string(made.bit);
  }
  if (!made.words.empty()) text += ": " + base::printable(made.words);
  if (made.nth > 0) text += " nth " + std::to_string(made.nth);
  if (made.rule > 0) text += " rule " + std::to_string(made.rule);
  return text;
}

std::string as_json(const fault& made) {
  object out;
  out.add("fault", quoted(name_of(made.kind)));
  if (made.rule > 0) out.add("rule", made.rule);
  if (made.connection > 0) {
    out.add("connection", made.connection);
    out.add("client", quoted(made.client_id));
  }
  if (made.way) out.add("direction", quoted(name_of(*made.way)));
  if (made.packet) out.add("packet", quoted(name_of(*made.packet)));
  if (made.packet_id > 0) out.add("id", made.packet_id);
  if (made.packet == mqtt::packet_type::publish) {
    out.add("topic", quoted(made.topic));
    out.add("payload", made.payload_size);
  }
  if (made.byte) {
    out.add("part", made.corrupts_topic ? "\"topic\"" : "\"payload\"");
    out.add("byte", *made.byte);
    out.add("bit", made.bit);
  }
  if (!made.words.empty()) out.add("words", quoted(made.words));
  if (made.nth > 0) out.add("nth", made.nth);
  return out.text();
}

std::uint64_t sums::all_faults() const {
  return std::accumulate(faults.begin(), faults.end(), std::uint64_t{0});
}

std::string as_text(const sums& done) {
  std::string text = "connections " + std::to_string(done.connections) + ", open " + std::to_string(done.open);
  if (done.failed_connects > 0) text += ", not connected to the server " + std::to_string(done.failed_connects);
  text += ", up " + text_of(done.of(direction::up)) + ", down " + text_of(done.of(direction::down));
  text += ", faults " + std::to_string(done.all_faults());
  const char* between = ": ";
  for (std::size_t n = 0; n < fault_kinds; ++n) {
    if (done.faults[n] == 0) continue;
    text += between + std::string(name_of(static_cast<fault_kind>(n))) + " " + std::to_string(done.faults[n]);
    between = ", ";
  }
  return text;
}

std::string as_json(const sums& done) {
  object faults;
  for (std::size_t n = 0; n < fault_kinds; ++n) {
    if (done.faults[n] > 0) faults.add(name_of(static_cast<fault_kind>(n)), done.faults[n]);
  }
  object out;
  out.add("connections", done.connections);
  out.add("open", done.open);
  out.add("failed_connects", done.failed_connects);
  out.add("up", json_of(done.of(direction::up)));
  out.add("down", json_of(done.of(direction::down)));
  out.add("faults", faults.text());
  return out.text();
}

}  // namespace headgate::loadtest::relay
