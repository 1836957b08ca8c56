// Random lives of clients of three workers against a naive model (model.hpp): what is published above QoS 0 between
// SUBACK and UNSUBSCRIBE arrives, in order per publisher and topic, at QoS 2 once, at QoS 1 once as long as no
// connection of its subscriber broke.

#include "tests/unit/worker/model.hpp"

namespace headgate::worker::testing {

namespace {

constexpr int seeds_per_test = 10;

class random_lives {
 public:
  explicit random_lives(std::uint64_t seed)
      : dice_(seed), talk_(limits(), three_workers(seed)), world_{talk_, dice_, 0, {}} {
    for (std::uint16_t n = 0; n < 3; ++n) publishers_.emplace_back(world_, n, n);
    for (int n = 0; n < 6; ++n) subscribers_.emplace_back(world_, n, n % 3 != 0);
  }

  void run(int steps) {
    for (int n = 0; n < steps && !::testing::Test::HasFailure(); ++n) {
      for (auto& publisher : publishers_) publish(publisher);
      for (auto& subscriber : subscribers_) live(subscriber);
      talk_.turn_a_little();
      if (dice_.one_in(10)) talk_.turn();
      hear();
    }
    come_to_an_end();
  }

 private:
  static base::limits limits() {
    base::limits limits;
    limits.max_output_bytes = 300;
    return limits;
  }

  void publish(publishing_device& publisher) {
    for (auto left = dice_.below(4); left > 0; --left) {
      publisher.publish("t/" + std::to_string(dice_.below(5)), static_cast<int>(dice_.below(3)));
    }
  }
  void live(subscribing_device& subscriber) {
    static const std::string filters[] = {"t/0", "t/1", "t/2", "t/3", "t/+", "#", "+/4"};
    const auto worker = static_cast<std::uint16_t>(dice_.below(3));
    if (!subscriber.has_connection()) {
      if (dice_.one_in(4)) subscriber.connect(worker);
      return;
    }
    if (!subscriber.is_connected()) return;
    const auto& filter = filters[dice_.below(std::size(filters))];
    switch (dice_.below(40)) {
      case 0:
        return subscriber.lose();
      case 1:
        return subscriber.disconnect();
      case 2:
        return subscriber.connect(worker);  // and so takes its session over
      case 3:
      case 4:
      case 5:
        return subscriber.subscribe(filter, static_cast<int>(dice_.below(3)));
      case 6:
        return subscriber.unsubscribe(filter);
      case 7:
        return subscriber.take_only(dice_.below(400));
      case 8:
      case 9:
        return subscriber.take_only(~std::size_t{0});
      default:
        if (dice_.one_in(3)) subscriber.acknowledge(dice_.below(subscriber.owes() + 1));
    }
  }
  void hear() {
    for (auto& publisher : publishers_) publisher.hear();
    for (auto& subscriber : subscribers_) subscriber.hear();
  }

  // Everybody comes back and takes all.
  void come_to_an_end() {
    // What a client says in one round may bring it something in the next.
    int quiet_rounds = 0;
    for (int round = 0; quiet_rounds < 3 && !::testing::Test::HasFailure(); ++round) {
      ASSERT_LT(round, 3000) << "it does not come to an end";
      bool quiet = true;
      for (auto& subscriber : subscribers_) {
        if (!subscriber.has_connection()) subscriber.connect(0);
        subscriber.take_only(~std::size_t{0});
        quiet &= subscriber.is_idle();
        subscriber.acknowledge(100);
      }
      talk_.turn();
      hear();
      quiet_rounds = quiet ? quiet_rounds + 1 : 0;
    }
    if (::testing::Test::HasFailure()) return;
    for (const auto& publisher : publishers_) EXPECT_EQ(publisher.open(), 0U);
    for (const auto& subscriber : subscribers_) subscriber.check_complete();
  }

  headgate::tests::dice dice_;
  conversation talk_;
  world world_;
  std::deque<publishing_device> publishers_;
  std::deque<subscribing_device> subscribers_;
};

class random_clients : public ::testing::TestWithParam<int> {};

}  // namespace

TEST_P(random_clients, get_what_they_asked_for) {
  for (int n = 0; n < seeds_per_test && !HasFailure(); ++n) {
    const auto seed = static_cast<std::uint64_t>(GetParam() * seeds_per_test + n);
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_lives(seed).run(200);
  }
}

// 200 seeds; the sanitizers, ten times as slow, run the first 30.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int tests = 3;
#else
constexpr int tests = 20;
#endif
INSTANTIATE_TEST_SUITE_P(of_three_workers, random_clients, ::testing::Range(0, tests));

}  // namespace headgate::worker::testing
