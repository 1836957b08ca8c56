#include "mqtt/publish.hpp"
#include "tests/sim/run_state.hpp"

namespace headgate::sim {

void change_rights(run_state& run) {
  run.rights.draw(run.dice, run.devices.size(), run.step);
  run.trace.note("rights change", run.rights.rules()->size());
  for (const auto& denial : *run.rights.rules()) {
    run.trace.say("  " + denial.who + " may not" + (denial.read ? " read" : "") + (denial.write ? " write" : "") + " " +
                  denial.filter);
  }
  run.server.change_rights(run.rights.rules());
}

void check_shown(run_state& run, const device& device, const mqtt::frame& frame) {
  if (frame.type != mqtt::packet_type::publish) return;
  const auto packet = mqtt::decode_publish(frame, device.version, mqtt::sender::server);
  if (!packet) fail(run, device, "a PUBLISH that cannot be decoded");
  const auto topic = book::topic_of(packet->topic);
  if (topic == topics.size()) fail(run, device, "a topic that nobody published to");
  if (!run.rights.may(device.number, topic, rights::access::read)) {
    fail(run, device, "it is shown " + std::string(packet->topic) + ", which it may not read");
  }
}

}  // namespace headgate::sim
