#include <algorithm>
#include <array>
#include <cctype>

#include "loadtest/relay/command.hpp"
#include "loadtest/relay/words.hpp"
#include "mqtt/topic.hpp"

namespace headgate::loadtest::relay {

const char* const command_grammar =
    R"(Faults of MQTT packets:
  drop|duplicate|cut PACKET [up|down] [WHICH] [on FILTER] [WHO]
  swap publish [up|down] [WHICH] [on FILTER] [WHO]      with the next PUBLISH of its connection and direction
  corrupt publish [payload|topic] [up|down] [WHICH] [on FILTER] [WHO]      turns one bit
    PACKET  publish, puback, pubrec, pubrel, pubcomp, connect, … or any
    WHICH   next (the default), nth N (or just N), times N (the next N), every N, all, probability P;
            with 'times N' at most N of them; with 'each' counted for each connection and direction
    on      only a PUBLISH whose topic the filter matches
Faults of bytes, also of connections to come:
  delay TIME [jitter TIME] [up|down] [WHO]
  stall [TIME [every TIME]] [up|down] [WHO]      nothing moves; without TIME until cleared
  throttle BYTES [up|down] [WHO]      a second, of each connection and direction
  black-hole [up|down] [WHO]      what is sent is taken and goes nowhere
  refuse [times N] [connection N]      new connections are closed at once
At once:
  cut [WHO]      resets
  half-close up|down [WHO]      FIN in this direction; the other one goes on
  clear [KIND]      takes all rules away, or those of a kind, such as 'clear delay'
  stats | quit
WHO     all (the default), client ID, client PREFIX*, connection N (in the order in which they came, from 1)
up is from the client to the server, down from the server to the client; without either: both.
TIME in seconds, or with us, ms, s, m or h behind it: 250us, 50ms, 1.5, 2m; BYTES as 1000, 10KiB, 2MB.)";

namespace {

using outcome = std::variant<command, std::string>;

// Reads the words of one command line one after the other.
class parser {
 public:
  explicit parser(std::vector<std::string> words) : words_(std::move(words)) {}

  outcome parse() {
    if (words_.empty()) return "there is no command on this line; write for example 'drop publish down'";
    const std::string verb = take();
    if (verb == "stats" || verb == "quit") return parse_alone(verb);
    if (verb == "clear") return parse_clear();
    const auto kind = fault_kind_of(verb);
    if (!kind) {
      return "'" + verb +
             "' is no command; they are drop, duplicate, swap, corrupt, cut, delay, stall, throttle, "
             "half-close, refuse, black-hole, clear, stats and quit";
    }
    asked_.asks = command::verb::add;
    rule_.kind = *kind;
    if (const auto error = parse_rule(); !error.empty()) return error;
    return asked_;
  }

 private:
  bool is_at_end() const { return next_ == words_.size(); }
  std::string take() { return is_at_end() ? std::string() : words_[next_++]; }
  std::string shown(const std::string& word) const { return word.empty() ? "nothing" : "'" + word + "'"; }

  outcome parse_alone(const std::string& verb) {
    if (!is_at_end()) return "'" + verb + "' stands alone; '" + take() + "' means nothing behind it";
    asked_.asks = verb == "quit" ? command::verb::quit : command::verb::stats;
    return asked_;
  }

  outcome parse_clear() {
    asked_.asks = command::verb::clear;
    if (const auto name = take(); !name.empty() && name != "all") {
      asked_.cleared = fault_kind_of(name);
      if (!asked_.cleared) return "'" + name + "' is no kind of fault; write 'clear', or for example 'clear delay'";
    }
    if (!is_at_end()) return "'clear' takes away one kind of fault or all; '" + take() + "' is too much";
    return asked_;
  }

  // An error, or nothing.
  std::string parse_rule() {
    switch (rule_.kind) {
      case fault_kind::cut: {
        if (!is_at_end() && (types_of(words_[next_]) != 0)) return parse_packet_rule();
        asked_.asks = command::verb::cut;
        break;
      }
      case fault_kind::half_close: {
        asked_.asks = command::verb::half_close;
        break;
      }
      case fault_kind::drop:
      case fault_kind::duplicate:
      case fault_kind::swap:
      case fault_kind::corrupt:
        return parse_packet_rule();
      case fault_kind::delay: {
        if (auto error = parse_time(rule_.time_ns, "delay 50ms"); !error.empty()) return error;
        break;
      }
      case fault_kind::stall: {
        rule_.time_ns = for_ever;
        if (is_at_end() || !parse_duration(words_[next_])) break;
        if (auto error = parse_time(rule_.time_ns, "stall 1s"); !error.empty()) return error;
        break;
      }
      case fault_kind::throttle: {
        const auto word = take();
        const auto rate = parse_bytes(word);
        if (!rate) return shown(word) + " is no number of bytes a second; write for example 'throttle 10KiB'";
        rule_.bytes_per_second = *rate;
        break;
      }
      case fault_kind::refuse: {
        rule_.times = 0;
        break;
      }
      case fault_kind::black_hole:
        break;
    }
    while (!is_at_end()) {
      if (auto error = parse_byte_word(take()); !error.empty()) return error;
    }
    return check_byte_rule();
  }

  std::string parse_time(std::uint64_t& time_ns, const char* example) {
    const auto word = take();
    const auto time = parse_duration(word);
    if (!time)
      return shown(word) + " is no time: it is in seconds, or has us, ms, s, m or h behind it; write for example '" +
             example + "'";
    time_ns = *time;
    return {};
  }

  std::string parse_byte_word(const std::string& word) {
    const auto kind = rule_.kind;
    if (kind == fault_kind::delay && word == "jitter") return parse_time(rule_.jitter_ns, "delay 50ms jitter 10ms");
    if (kind == fault_kind::stall && word == "every" && rule_.time_ns != for_ever) {
      return parse_time(rule_.every_ns, "stall 1s every 10s");
    }
    if (kind == fault_kind::refuse && word == "times") return parse_count(rule_.times, "refuse times 3");
    if (word == "all") return {};
    return parse_common(word);
  }

  std::string check_byte_rule() {
    if (rule_.kind == fault_kind::half_close && rule_.up && rule_.down) {
      return "half-close wants a direction; write 'half-close up' or 'half-close down'";
    }
    if (rule_.kind == fault_kind::cut && !(rule_.up && rule_.down)) {
      return "a cut ends both directions; write 'half-close down' for one of them, or 'cut all'";
    }
    if (rule_.kind == fault_kind::refuse &&
        (rule_.connections.what == selector::kind::client || !(rule_.up && rule_.down))) {
      return "whether a connection is refused is decided before its client has said anything; write 'refuse', 'refuse "
             "times 3' or 'refuse connection 2'";
    }
    if (rule_.kind == fault_kind::stall && rule_.every_ns > 0 && rule_.every_ns <= rule_.time_ns) {
      return "a stall that comes again before it has ended never ends; write for example 'stall 1s every 10s', or "
             "'stall' alone";
    }
    asked_.what = rule_;
    return {};
  }

  std::string parse_packet_rule() {
    const bool is_of_publish = rule_.kind == fault_kind::swap || rule_.kind == fault_kind::corrupt;
    if (!is_at_end() && types_of(words_[next_]) != 0) rule_.types = types_of(take());
    if (is_of_publish && rule_.types != bit_of(mqtt::packet_type::publish)) {
      return std::string("only PUBLISH can be ") + (rule_.kind == fault_kind::swap ? "swapped" : "corrupted") +
             "; write '" + name_of(rule_.kind) + " publish'";
    }
    while (!is_at_end()) {
      if (auto error = parse_packet_word(take()); !error.empty()) return error;
    }
    return check_packet_rule();
  }

  std::string parse_packet_word(const std::string& word) {
    if (word == "next") return choose({1, 1, 1}, word);
    if (word == "all") return choose({1, 1, 0}, word);
    if (word == "each") {
      rule_.each = true;
      return {};
    }
    if (word == "nth") return parse_nth(take(), word);
    if (!word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) != 0) return parse_nth(word, word);
    if (word == "every") {
      std::uint64_t count = 0;
      if (auto error = parse_count(count, "drop publish every 100"); !error.empty()) return error;
      return choose({count, count, 0}, word);
    }
    if (word == "times") {
      has_times_ = true;
      return parse_count(times_, "drop puback times 3");
    }
    if (word == "probability") {
      const auto text = take();
      const auto probability = parse_probability(text);
      if (!probability) return shown(text) + " is no probability above 0 and at most 1; write 'probability 0.001'";
      rule_.probability = *probability;
      return {};
    }
    if (rule_.kind == fault_kind::corrupt && (word == "payload" || word == "topic")) {
      rule_.corrupts_topic = word == "topic";
      return {};
    }
    if (word == "on") return parse_filter();
    return parse_common(word);
  }

  struct choice {
    std::uint64_t first = 1;
    std::uint64_t every = 1;
    std::uint64_t times = 1;
  };

  std::string choose(const choice& which, const std::string& word) {
    if (has_choice_) return "'" + word + "' is a second choice of packets; only one of next, nth, every and all can be";
    has_choice_ = true;
    rule_.first = which.first;
    rule_.every = which.every;
    rule_.times = which.times;
    return {};
  }

  std::string parse_nth(const std::string& text, const std::string& word) {
    const auto number = parse_number(text);
    if (!number || *number == 0) return shown(text) + " is no number of a packet; write for example 'nth 5000'";
    return choose({*number, 1, 1}, word);
  }

  std::string parse_filter() {
    rule_.filter = take();
    if (!mqtt::is_valid_topic_filter(rule_.filter)) {
      return shown(rule_.filter) + " is no topic filter; write for example \"drop publish on 'sensors/#'\"";
    }
    if (rule_.types != bit_of(mqtt::packet_type::publish)) return "only PUBLISH has a topic; write 'publish' for 'on'";
    return {};
  }

  std::string check_packet_rule() {
    if (rule_.probability < 1) {
      if (has_choice_ && rule_.every > 1) return "either 'every' or 'probability' chooses packets; leave one out";
      if (!has_choice_) rule_.times = 0;
    }
    if (has_times_) rule_.times = times_;
    asked_.what = rule_;
    return {};
  }

  std::string parse_count(std::uint64_t& count, const char* example) {
    const auto text = take();
    const auto number = parse_number(text);
    if (!number || *number == 0) return shown(text) + " is no number from 1 on; write for example '" + example + "'";
    count = *number;
    return {};
  }

  // Directions and connections.
  std::string parse_common(const std::string& word) {
    if (word == "up" || word == "down") {
      if (!(rule_.up && rule_.down)) return "there are two directions in it; leave both out to mean both";
      (word == "up" ? rule_.down : rule_.up) = false;
      return {};
    }
    if (word == "client") {
      if (is_at_end()) return "the client id is missing; write for example 'client sensor-7'";
      rule_.connections.what = selector::kind::client;
      rule_.connections.client_id = take();
      return {};
    }
    if (word == "connection") {
      rule_.connections.what = selector::kind::number;
      return parse_count(rule_.connections.number, "connection 2");
    }
    return shown(word) + " means nothing in " + name_of(rule_.kind) + "; " + forms_of(rule_.kind);
  }

  static std::string forms_of(fault_kind kind) {
    switch (kind) {
      case fault_kind::drop:
      case fault_kind::duplicate:
        return "write PACKET [up|down] [next|nth N|every N|all|probability P] [times N] [each] "
               "[on FILTER] [client ID|connection N], such as '" +
               std::string(name_of(kind)) + " publish down nth 5000'";
      case fault_kind::swap:
        return "write for example 'swap publish down nth 5000'";
      case fault_kind::corrupt:
        return "write for example 'corrupt publish down probability 0.001 times 3'";
      case fault_kind::cut:
        return "write 'cut all', 'cut client sensor-7', 'cut connection 2' or 'cut puback down nth 10'";
      case fault_kind::delay:
        return "write for example 'delay 50ms jitter 10ms down client sensor-7'";
      case fault_kind::stall:
        return "write for example 'stall 1s every 10s down'";
      case fault_kind::throttle:
        return "write for example 'throttle 10KiB up'";
      case fault_kind::half_close:
        return "write for example 'half-close down client sensor-7'";
      case fault_kind::refuse:
        return "write 'refuse', 'refuse times 3' or 'refuse connection 2'";
      case fault_kind::black_hole:
        return "write for example 'black-hole up connection 2'";
    }
    return {};
  }

  // "puback" or "PUBACK"; 0: no packet.
  static std::uint16_t types_of(const std::string& word) {
    std::string upper(word);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (upper == "ANY") return every_type;
    for (unsigned type = 1; type < 16; ++type) {
      if (upper == name_of(static_cast<mqtt::packet_type>(type))) return static_cast<std::uint16_t>(1U << type);
    }
    return 0;
  }

  std::vector<std::string> words_;
  std::size_t next_ = 0;
  command asked_;
  rule rule_;
  bool has_choice_ = false;
  bool has_times_ = false;
  std::uint64_t times_ = 0;
};

}  // namespace

outcome parse_command(std::string_view line) {
  auto words = split_words(line);
  if (!words) return "a quote is not closed; write for example \"drop publish on 'sensors/#'\"";
  return parser(std::move(*words)).parse();
}

}  // namespace headgate::loadtest::relay
