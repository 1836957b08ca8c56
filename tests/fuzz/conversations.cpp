#include <array>
#include <optional>
#include <string>

#include "tests/fuzz/conversations/house.hpp"
#include "tests/fuzz/conversations/packets.hpp"

namespace headgate::fuzz {

namespace {

// Enough to get anywhere; more would only be slow.
constexpr int max_steps = 120;

// A client's side of a connection. What it says may be held back, so that packets arrive in pieces.
struct caller {
  std::size_t worker = 0;
  std::uint32_t number = 0;
  std::shared_ptr<line> line;
  mqtt::version version = mqtt::version::v5;
  std::string held;
};

// The steps of a script: what clients and stores do, a byte a step and what it needs.
class play {
 public:
  explicit play(base::bytes data) : script_(data), house_(drawn_shape(script_)) {}

  void run() {
    for (int step = 0; step < max_steps && !script_.done(); ++step) {
      const auto what = script_.byte();
      act(what & 31, callers_[(what >> 5) % callers_.size()]);
      if ((what & 0x80) == 0) house_.turn();
    }
    everybody_leaves();
    house_.check_empty();
  }

 private:
  void act(unsigned what, std::optional<caller>& who) {
    switch (what) {
      case 0:
      case 1:
      case 2:
        return come(who);
      case 3:
      case 4:
        return say(who, [&](auto version) { return drawn_subscribe(script_, version); });
      case 5:
        return say(who, [&](auto version) { return drawn_unsubscribe(script_, version); });
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
        return say(who, [&](auto version) { return drawn_publish(script_, version); });
      case 11:
      case 12:
      case 13:
        return answer(who);
      case 14:
        return say(who, [&](auto version) { return drawn_acknowledgement(script_, version); });
      case 15:
        return say(who, [](auto) { return std::string("\xc0\0", 2); });
      case 16:
        return say(who, [&](auto version) { return drawn_disconnect(script_, version); });
      case 17:
        return say(who, [&](auto version) { return drawn_connect(script_, version); });
      case 18:
        return say(who, [&](auto) { return std::string(script_.text(script_.byte())); });
      case 19:
        return break_off(who);
      case 20:
        return take(who);
      case 21:
        return go_on(who);
      case 22:
        return say_in_pieces(who);
      case 23:
        house_.advance_ms(script_.one_of<std::uint64_t>({1000, 100, 2000, 11'000, 100'000, 3'600'000}));
        return;
      case 24:
        return change_rights();
      case 25:
        return house_.set_limits(drawn_limits(script_));
      case 26:
        return house_.change_users(script_.one_of({"user", "other"}));
      case 27:
        return leave(who);
      default:
        return house_.turn_until_quiet();
    }
  }

  // A new connection with its CONNECT; whoever was there before is gone without a word, or is simply forgotten.
  void come(std::optional<caller>& who) {
    const auto how = script_.byte();
    if (who && (how & 1) == 0) break_off(who);
    caller made;
    made.worker = (how >> 1 & 1) % house_.workers();
    made.number = house_.network(made.worker).connect();
    made.line = house_.network(made.worker).line_of(made.number);
    made.version = drawn_version(script_);
    who = std::move(made);
    // Sometimes it says something else first.
    if ((how & 0xf0) != 0xf0) say(who, [&](auto version) { return drawn_connect(script_, version); });
  }

  // Its number may be another's by now.
  worker::testing::fake_network::end* end_of(const std::optional<caller>& who) {
    if (!who || !who->line->open) return nullptr;
    return &house_.network(who->worker).end(who->number);
  }

  // One in 32 packets has a byte that is wrong.
  template <class Draw>
  void say(std::optional<caller>& who, Draw draw) {
    auto* end = end_of(who);
    if (end == nullptr || end->closed_by_client) return;
    auto packet = draw(who->version);
    const auto fate = script_.byte();
    if (fate >= 248 && !packet.empty()) packet[script_.byte() % packet.size()] = static_cast<char>(script_.byte());
    end->to_server += std::exchange(who->held, {}) + packet;
  }

  // The next packet's end comes later.
  void say_in_pieces(std::optional<caller>& who) {
    auto* end = end_of(who);
    if (end == nullptr) return;
    const auto before = end->to_server.size();
    say(who, [&](auto version) { return drawn_publish(script_, version); });
    const auto kept = std::min<std::size_t>(end->to_server.size() - before, 1 + script_.below(12));
    who->held = end->to_server.substr(end->to_server.size() - kept);
    end->to_server.resize(end->to_server.size() - kept);
  }
  void go_on(std::optional<caller>& who) {
    if (auto* end = end_of(who)) end->to_server += std::exchange(who->held, {});
  }

  // Answers what it was sent, as it should, in that order or not.
  void answer(std::optional<caller>& who) {
    auto* end = end_of(who);
    if (end == nullptr || end->closed_by_client) return;
    auto& open = who->line->seen_by.unanswered();
    for (auto left = 1 + script_.below(8); left > 0 && !open.empty(); --left) {
      const auto chosen = open.begin() + (left == 8 ? static_cast<std::ptrdiff_t>(open.size()) - 1 : 0);
      mqtt::acknowledgement packet;
      packet.type = chosen->first;
      packet.packet_id = chosen->second;
      open.erase(chosen);
      end->to_server += encoded(packet, who->version);
    }
  }

  // Without a word: what it said last is lost.
  void break_off(std::optional<caller>& who) {
    auto* end = end_of(who);
    if (end != nullptr) {
      end->to_server.clear();
      end->closed_by_client = true;
    }
    who.reset();
  }
  // What it said last still counts.
  void leave(std::optional<caller>& who) {
    if (auto* end = end_of(who)) end->closed_by_client = true;
    who.reset();
  }
  // How much more it takes of what it is sent.
  void take(std::optional<caller>& who) {
    const auto bytes = script_.one_of<std::size_t>({0, ~std::size_t{0}, 1, 100, 5000});
    if (auto* end = end_of(who)) end->takes = bytes;
  }

  void change_rights() {
    using tests::denial;
    static const std::array<std::shared_ptr<const tests::denials>, 5> all{
        nullptr, std::make_shared<tests::denials>(),
        std::make_shared<tests::denials>(tests::denials{{"x", "a/#"}, {"user", "#", true, true}}),
        std::make_shared<tests::denials>(tests::denials{{"", "a/b", true, true}}),
        std::make_shared<tests::denials>(tests::denials{{"y", "#", false, true}, {"", "a"}})};
    house_.change_rights(all[script_.below(all.size())]);
  }

  // All connections end, and then each session that may be left: somebody comes for it and leaves nothing behind.
  void everybody_leaves() {
    house_.change_rights(nullptr);
    rest();
    house_.check_answered();
    for (std::size_t worker = 0; worker < house_.workers(); ++worker) house_.network(worker).break_all();
    rest();
    const auto interests = house_.common().interests;
    for (const auto& [id, interest] : interests) {
      mqtt::connect packet;
      packet.client_id = id;
      packet.clean_start = true;
      const auto number = house_.network(0).connect();
      house_.network(0).end(number).to_server = encoded(packet) + std::string("\xe0\0", 2);
    }
    rest();
  }
  // Until nothing is under way that a wait of some seconds would end.
  void rest() {
    for (int round = 0; round < 3; ++round) {
      house_.turn_until_quiet();
      house_.advance_ms(11'000);
    }
    house_.turn_until_quiet();
  }

  script script_;
  house house_;
  std::array<std::optional<caller>, 4> callers_;
};

}  // namespace

}  // namespace headgate::fuzz

// A script of what happens on several connections with the real workers, on a fake network and clock: whatever it is,
// the server keeps to the rules that the witnesses know (conversations/witness.hpp), its gauges are what a scan counts,
// and when everybody has gone nothing is left.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  headgate::fuzz::play(headgate::base::bytes(data, size)).run();
  return 0;
}
