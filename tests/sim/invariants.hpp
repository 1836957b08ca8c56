#pragma once

#include <cstdint>
#include <span>

#include "mqtt/publish.hpp"
#include "tests/sim/run_state.hpp"

// What is checked when something arrives: one invariant a function, each throws a violation.
namespace headgate::sim {

// A PUBLISH of the server as its client sees it.
struct arrival {
  mqtt::publish_view packet;
  std::uint32_t number = 0;  // of the message; 0: a RETAIN without payload
  std::size_t topic = 0;
  bool again = false;  // a QoS 2 packet id that the client holds already: no new message
  // It may answer a SUBSCRIBE rather than be new.
  bool maybe_retained = false;
  bool surely_retained = false;
};

// [MQTT-3.2.2-2], [MQTT-3.2.2-3]
void check_session_present(run_state& run, const device& device, bool present, bool must, bool must_not);
// MQTT 5.0, 3.3.4, [MQTT-3.3.4-9]
void check_receive_maximum(run_state& run, const device& device, const arrival& arrival);
// [MQTT-2.2.1-4], [MQTT-4.4.0-1]
void check_packet_id(run_state& run, const device& device, const arrival& arrival);
// MQTT 5.0, 4.7: it asked for that topic, and not only after the message was over.
void check_asked_for(run_state& run, const device& device, const arrival& arrival);
// [MQTT-3.8.4-8]
void check_qos(run_state& run, const device& device, const arrival& arrival);
// [MQTT-3.8.3-3]
void check_no_local(run_state& run, const device& device, const arrival& arrival);
// [MQTT-3.3.1-12], [MQTT-3.3.1-13], [MQTT-3.3.1-9] to [MQTT-3.3.1-11]
void check_retain_flag(run_state& run, const device& device, const arrival& arrival);
// [MQTT-3.3.4-3] to [MQTT-3.3.4-5]
void check_identifiers(run_state& run, const device& device, const arrival& arrival);
// [MQTT-4.3.3-8] (QoS 2), and for QoS 1 that only a broken connection repeats.
void check_copies(run_state& run, const device& device, const arrival& arrival, const reception& reception);
// [MQTT-4.6.0-5], [MQTT-4.6.0-6]
void check_order(run_state& run, device& device, const arrival& arrival, const reception& reception);
// [MQTT-3.3.1-9]: not older than what stood before the SUBSCRIBE was sent.
void check_retained_value(run_state& run, const device& device, const arrival& arrival);

}  // namespace headgate::sim
