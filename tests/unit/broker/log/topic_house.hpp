#pragma once

#include <functional>
#include <map>

#include "tests/unit/broker/log/topic_reader.hpp"

namespace headgate::broker::tests {

// A log of many topics, whose messages tell what they are by their payload.
class topic_house : public log_house {
 public:
  topic_house() {
    options.segment_bytes = 256 * 1024;
    options.read_bytes = 1024 * 1024;
  }

  // So many messages of topics that are chosen at random.
  void fill(dice& dice, std::size_t count) {
    std::vector<owned_message> messages;
    for (; count > 0; --count) messages.push_back(random_message(dice));
    messages.front().qos = 1;  // or there may be nothing for the log
    ASSERT_TRUE(append_messages(std::move(messages)));
  }
  bool append_messages(std::vector<owned_message> messages) {
    for (auto& message : messages) {
      message.payload = numbered(number_, message.payload.size());
      topic_of[message.payload] = message.topic;
      ++number_;
    }
    stage_messages(messages);
    return flush();
  }
  owned_message random_message(dice& dice) {
    // A few topics have most of the messages.
    const auto topic = dice.one_in(4) ? dice.below(3) : dice.below(topics);
    owned_message message{topic_name(topic), static_cast<std::uint8_t>(dice.below(3)),
                          std::string(10 + dice.below(300), 'x')};
    message.retain = dice.one_in(5);
    return message;
  }
  static std::string topic_name(std::uint32_t number) {
    return (number % 7 == 0 ? "seven/" : "other/") + std::to_string(number);
  }
  void fill_segments(dice& dice, std::size_t segments) {
    while (log->view().segments < segments) {
      fill(dice, 1 + dice.below(20));
      settle();
    }
  }

  // What a scan finds of them.
  std::vector<entry> scanned(const std::function<bool(const std::string&)>& wants, log::offset from) {
    auto all = read_all(from);
    std::erase_if(all, [&](const entry& one) { return !wants(topic_of.at(one.payload)); });
    return all;
  }
  std::vector<entry> scanned(const std::vector<std::string>& wanted, log::offset from) {
    return scanned(
        [&](const std::string& topic) { return std::find(wanted.begin(), wanted.end(), topic) != wanted.end(); }, from);
  }

  std::uint32_t topics = 400;
  std::map<std::string, std::string> topic_of;  // by payload

 private:
  std::size_t number_ = 1'000'000;
};

inline void expect_like_a_scan(topic_house& house, const std::vector<std::string>& wanted, log::offset from) {
  topic_reader reader(house, selection_of(wanted), from);
  ASSERT_EQ(reader.read_all(), house.scanned(wanted, from)) << wanted.front() << " from " << from.value;
  ASSERT_EQ(reader.at(), house.log->committed());
}

}  // namespace headgate::broker::tests
