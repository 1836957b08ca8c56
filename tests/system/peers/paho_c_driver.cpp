// Drives Eclipse Paho's C library: commands as JSON lines on standard input, events as JSON lines on standard output.
// The protocol stands in drivers.py. The main thread obeys one command after the other; messages come on a thread of
// the library.
#include <MQTTClient.h>

#include <iostream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using json = nlohmann::json;

constexpr int disconnect_timeout_ms = 10'000;

const std::map<std::string, MQTTPropertyCodes> property_codes = {
    {"payload_format_indicator", MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR},
    {"message_expiry_interval", MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL},
    {"content_type", MQTTPROPERTY_CODE_CONTENT_TYPE},
    {"response_topic", MQTTPROPERTY_CODE_RESPONSE_TOPIC},
    {"correlation_data", MQTTPROPERTY_CODE_CORRELATION_DATA},
    {"subscription_identifier", MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER},
    {"session_expiry_interval", MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL},
    {"assigned_client_identifier", MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER},
    {"will_delay_interval", MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL},
    {"receive_maximum", MQTTPROPERTY_CODE_RECEIVE_MAXIMUM},
    {"topic_alias_maximum", MQTTPROPERTY_CODE_TOPIC_ALIAS_MAXIMUM},
    {"topic_alias", MQTTPROPERTY_CODE_TOPIC_ALIAS},
    {"user_property", MQTTPROPERTY_CODE_USER_PROPERTY},
    {"maximum_packet_size", MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE},
};

void say(const char* event, json fields) {
  static std::mutex one_line_at_a_time;
  fields["event"] = event;
  const std::lock_guard lock(one_line_at_a_time);
  std::cout << fields.dump() << std::endl;
}

// The library's list of properties, freed with this object.
class properties {
 public:
  properties() = default;
  properties(const properties&) = delete;
  properties& operator=(const properties&) = delete;
  ~properties() { MQTTProperties_free(&list_); }

  explicit properties(const json& given) {
    for (const auto& [name, value] : given.items()) {
      if (name == "user_property") {
        for (const auto& pair : value) {
          add(name, pair[0], pair[1]);
        }
      } else {
        add(name, value, {});
      }
    }
  }

  MQTTProperties* get() { return &list_; }

 private:
  static MQTTLenString text(const std::string& value) {
    return {static_cast<int>(value.size()), const_cast<char*>(value.data())};
  }

  void add(const std::string& name, const json& value, const json& second) {
    MQTTProperty property{};
    property.identifier = property_codes.at(name);
    const std::string first_text = value.is_string() ? value.get<std::string>() : "";
    const std::string second_text = second.is_string() ? second.get<std::string>() : "";
    switch (MQTTProperty_getType(property.identifier)) {
      case MQTTPROPERTY_TYPE_BYTE:
        property.value.byte = value.get<unsigned char>();
        break;
      case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER:
        property.value.integer2 = value.get<unsigned short>();
        break;
      case MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER:
      case MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER:
        property.value.integer4 = value.get<unsigned>();
        break;
      default:
        property.value.data = text(first_text);
        property.value.value = text(second_text);
    }
    if (MQTTProperties_add(&list_, &property) != 0) {  // which copies the texts
      throw std::runtime_error("the library does not take " + name);
    }
  }

  MQTTProperties list_ MQTTProperties_initializer;
};

std::string as_text(const MQTTLenString& text) {
  return {text.data, static_cast<std::size_t>(text.len)};
}

json decoded(const MQTTProperties* list) {
  json found = json::object();
  for (int at = 0; list != nullptr && at < list->count; ++at) {
    const MQTTProperty& property = list->array[at];
    for (const auto& [name, code] : property_codes) {
      if (code != property.identifier) {
        continue;
      }
      switch (MQTTProperty_getType(code)) {
        case MQTTPROPERTY_TYPE_BYTE:
          found[name] = property.value.byte;
          break;
        case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER:
          found[name] = property.value.integer2;
          break;
        case MQTTPROPERTY_TYPE_FOUR_BYTE_INTEGER:
          found[name] = property.value.integer4;
          break;
        case MQTTPROPERTY_TYPE_VARIABLE_BYTE_INTEGER:
          found[name].push_back(property.value.integer4);
          break;
        case MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR:
          found[name].push_back({as_text(property.value.data), as_text(property.value.value)});
          break;
        default:
          found[name] = as_text(property.value.data);
      }
    }
  }
  return found;
}

void expect_success(int code, const char* call) {
  if (code != MQTTCLIENT_SUCCESS) {
    throw std::runtime_error(std::string(call) + ": " + std::to_string(code));
  }
}

int message_arrived(void*, char* topic, int topic_size, MQTTClient_message* message) {
  // The library gives a size of 0 when the topic holds no null character.
  const std::string name =
      topic_size > 0 ? std::string(topic, static_cast<std::size_t>(topic_size)) : std::string(topic);
  say("message",
      {{"topic", name},
       {"payload", std::string(static_cast<char*>(message->payload), static_cast<std::size_t>(message->payloadlen))},
       {"qos", message->qos},
       {"retain", message->retained != 0},
       {"properties", decoded(&message->properties)}});
  MQTTClient_freeMessage(&message);
  MQTTClient_free(topic);
  return 1;
}

// One client, connected anew by each command `connect`.
class driver {
 public:
  driver() = default;
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;
  ~driver() { MQTTClient_destroy(&client_); }

  void obey(const json& command) {
    const std::string verb = command.at("do");
    json answer = json::object();
    try {
      answer = verb == "connect"       ? connect(command)
               : verb == "subscribe"   ? subscribe(command)
               : verb == "unsubscribe" ? unsubscribe(command)
               : verb == "publish"     ? publish(command)
                                       : disconnect(command);
      if (!answer.is_null()) {  // a publish is answered later
        answer["id"] = command.at("id");
        say("done", answer);
      }
    } catch (const std::exception& error) {
      say("error", {{"id", command.at("id")}, {"reason", error.what()}});
    }
  }

 private:
  static json given_properties(const json& command) { return command.value("properties", json::object()); }

  static void connection_lost(void* context, char*) {
    auto& self = *static_cast<driver*>(context);
    if (self.reason_.is_null()) say("closed", {{"reason", nullptr}});
  }

  // Whether the library calls connection_lost() as well depends on when the socket is closed.
  static void told_to_disconnect(void* context, MQTTProperties*, MQTTReasonCodes reason) {
    auto& self = *static_cast<driver*>(context);
    self.reason_ = static_cast<int>(reason);
    say("closed", {{"reason", self.reason_}});
  }

  json connect(const json& command) {
    version_ = command.at("version");
    reason_ = nullptr;
    MQTTClient_destroy(&client_);
    const std::string address = "tcp://127.0.0.1:" + std::to_string(command.at("port").get<int>());
    const std::string id = command.at("client_id");
    MQTTClient_createOptions create_options = MQTTClient_createOptions_initializer;
    create_options.MQTTVersion = version_;
    expect_success(MQTTClient_createWithOptions(&client_, address.c_str(), id.c_str(), MQTTCLIENT_PERSISTENCE_NONE,
                                                nullptr, &create_options),
                   "MQTTClient_createWithOptions");
    expect_success(MQTTClient_setCallbacks(client_, this, connection_lost, message_arrived, delivered),
                   "MQTTClient_setCallbacks");
    const bool is_v5 = version_ == MQTTVERSION_5;
    if (is_v5) {
      expect_success(MQTTClient_setDisconnected(client_, this, told_to_disconnect), "MQTTClient_setDisconnected");
    }
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    MQTTClient_connectOptions options_of_5 = MQTTClient_connectOptions_initializer5;
    if (is_v5) {
      options = options_of_5;
    }
    options.MQTTVersion = version_;
    options.reliable = 0;  // several messages on their way
    options.keepAliveInterval = command.value("keep_alive", 60);
    (is_v5 ? options.cleanstart : options.cleansession) = command.at("clean").get<bool>();
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    const json asked = command.value("will", json::object());
    const std::string topic = asked.value("topic", ""), payload = asked.value("payload", "");
    if (!asked.empty()) {
      will.topicName = topic.c_str();
      will.message = payload.c_str();
      will.qos = asked.at("qos");
      will.retained = asked.at("retain").get<bool>();
      options.will = &will;
    }
    properties connect_properties(given_properties(command)), will_properties(given_properties(asked));
    if (!is_v5) {
      expect_success(MQTTClient_connect(client_, &options), "MQTTClient_connect");
      return {{"code", 0}, {"session_present", options.returned.sessionPresent != 0}, {"properties", json::object()}};
    }
    MQTTResponse response = MQTTClient_connect5(client_, &options, connect_properties.get(),
                                                asked.empty() ? nullptr : will_properties.get());
    const int code = response.reasonCode;
    // In MQTT 5 the library of 1.3.12 does not tell whether the session was there.
    json answer = {{"code", code}, {"session_present", nullptr}, {"properties", decoded(response.properties)}};
    MQTTResponse_free(response);
    expect_success(code, "MQTTClient_connect5");
    return answer;
  }

  json subscribe(const json& command) {
    std::vector<std::string> filters;
    std::vector<int> qos;
    std::vector<MQTTSubscribe_options> options;
    for (const auto& one : command.at("filters")) {
      filters.push_back(one.at("filter"));
      qos.push_back(one.at("qos"));
      MQTTSubscribe_options wanted = MQTTSubscribe_options_initializer;
      wanted.noLocal = one.at("no_local").get<bool>();
      wanted.retainAsPublished = one.at("retain_as_published").get<bool>();
      wanted.retainHandling = one.at("retain_handling").get<unsigned char>();
      options.push_back(wanted);
    }
    std::vector<char*> texts;
    for (auto& filter : filters) {
      texts.push_back(filter.data());
    }
    const int count = static_cast<int>(texts.size());
    if (version_ != MQTTVERSION_5) {
      // The library puts the granted QoS where the wanted one stood, and fails when the server refused.
      expect_success(MQTTClient_subscribeMany(client_, count, texts.data(), qos.data()), "MQTTClient_subscribeMany");
      return {{"codes", qos}};
    }
    properties given(given_properties(command));
    MQTTResponse response =
        MQTTClient_subscribeMany5(client_, count, texts.data(), qos.data(), options.data(), given.get());
    json codes = json::array();
    for (int at = 0; at < response.reasonCodeCount; ++at) {
      codes.push_back(static_cast<int>(count == 1 ? response.reasonCode : response.reasonCodes[at]));
    }
    if (codes.empty()) {
      codes.push_back(static_cast<int>(response.reasonCode));
    }
    MQTTResponse_free(response);
    return {{"codes", codes}};
  }

  json unsubscribe(const json& command) {
    std::vector<std::string> filters = command.at("filters");
    std::vector<char*> texts;
    for (auto& filter : filters) {
      texts.push_back(filter.data());
    }
    MQTTResponse response = MQTTClient_unsubscribeMany5(client_, static_cast<int>(texts.size()), texts.data(), nullptr);
    const int code = response.reasonCode;
    MQTTResponse_free(response);
    expect_success(code, "MQTTClient_unsubscribeMany5");
    return json::object();
  }

  static void delivered(void* context, MQTTClient_deliveryToken token) {
    auto& self = *static_cast<driver*>(context);
    const std::lock_guard lock(self.mutex_);
    if (const auto found = self.commands_.find(token); found != self.commands_.end()) {
      say("done", {{"id", found->second}});
      self.commands_.erase(found);
    } else {
      self.delivered_.insert(token);
    }
  }

  // The answer is given when the acknowledgement comes, which may be before the call that published has returned. The
  // library's own MQTTClient_waitForCompletion looks only ten times a second.
  void answer_when_delivered(MQTTClient_deliveryToken token, const json& id) {
    const std::lock_guard lock(mutex_);
    if (delivered_.erase(token) > 0) {
      say("done", {{"id", id}});
    } else {
      commands_[token] = id;
    }
  }

  json publish(const json& command) {
    const std::string topic = command.at("topic"), payload = command.at("payload");
    properties given(given_properties(command));
    MQTTClient_message message = MQTTClient_message_initializer;
    message.payload = const_cast<char*>(payload.data());
    message.payloadlen = static_cast<int>(payload.size());
    message.qos = command.at("qos");
    message.retained = command.at("retain").get<bool>();
    message.properties = *given.get();
    MQTTClient_deliveryToken token = 0;
    MQTTResponse response = MQTTClient_publishMessage5(client_, topic.c_str(), &message, &token);
    const int code = response.reasonCode;
    MQTTResponse_free(response);
    expect_success(code, "MQTTClient_publishMessage5");
    if (message.qos > 0) {
      answer_when_delivered(token, command.at("id"));
      return nullptr;
    }
    return json::object();
  }

  json disconnect(const json& command) {
    properties given(given_properties(command));
    const auto reason = static_cast<MQTTReasonCodes>(command.value("reason", 0));
    expect_success(version_ == MQTTVERSION_5
                       ? MQTTClient_disconnect5(client_, disconnect_timeout_ms, reason, given.get())
                       : MQTTClient_disconnect(client_, disconnect_timeout_ms),
                   "MQTTClient_disconnect");
    return json::object();
  }

  MQTTClient client_ = nullptr;
  int version_ = 0;
  std::mutex mutex_;
  std::map<MQTTClient_deliveryToken, json> commands_;  // that wait for an acknowledgement
  std::set<MQTTClient_deliveryToken> delivered_;       // before it was noted which command waits
  json reason_;  // of the server's DISCONNECT; written and read on the library's thread while connected
};

}  // namespace

int main() {
  driver one;
  for (std::string line; std::getline(std::cin, line);) {
    one.obey(json::parse(line));
  }
}
