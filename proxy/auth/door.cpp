#include "proxy/auth/door.hpp"

#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "proxy/auth/decoy.hpp"
#include "proxy/auth/failure_limit.hpp"
#include "proxy/auth/known_passwords.hpp"
#include "proxy/auth/network_of.hpp"
#include "proxy/auth/secrets.hpp"

namespace headgate::proxy::auth {

namespace {

using mqtt::reason_code;

struct waiter {
  gateway::authentication_answers* answers = nullptr;
  std::uint32_t request = 0;
};

// A password that is being checked, or waits until it may be:
//
//   deferred ──a token of its network, a place in the pool──▶ under way ──hashed──▶ (answered, gone)
//       └──neither, and nothing of its network is under way──▶ (refused, gone)
//
struct password_check {
  std::string user_name;
  password_hash hash;  // the user's, or the decoy
  std::uint64_t network = 0;
  std::string password;  // while it is deferred
  std::vector<waiter> waiters;
};

// The checks of one network, from the first that begins to the last that ends.
struct line {
  std::uint32_t under_way = 0;
  std::deque<password_digest> deferred;
};

std::size_t bytes_of(const password_check& check) {
  return check.user_name.size() + check.password.size();
}

void answer(waiter who, reason_code reason, std::uint64_t& counter) {
  ++counter;
  who.answers->on_authenticated(who.request, reason);
}

void answer_all(const std::vector<waiter>& waiters, reason_code reason, std::uint64_t& counter) {
  for (const auto& who : waiters) answer(who, reason, counter);
}

}  // namespace

struct door::state : std::enable_shared_from_this<door::state> {
  state(hash_pool& pool, base::mailbox& letters, base::clock& clock, std::uint64_t seed)
      : pool(pool), letters(letters), clock(clock), seed(seed), failures(seed) {}
  ~state();
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  void set_users(std::shared_ptr<const password_file> next);
  void submit(gateway::credentials& asked, waiter who);
  void check_password(gateway::credentials& asked, waiter who);
  void begin_deferred(std::uint64_t network);
  bool hand_to_pool(const password_digest& digest, password_check& check);
  void refuse_deferred(const password_digest& digest, reason_code reason, std::uint64_t& counter);
  void on_hashed(const password_digest& digest, bool is_right);

  const password_hash& hash_of(const std::string& user_name) const;
  base::monotonic_ms now() { return clock.now().monotonic; }

  hash_pool& pool;
  base::mailbox& letters;
  base::clock& clock;
  const std::uint64_t seed;
  std::shared_ptr<const password_file> users;
  password_hash decoy;
  known_passwords known;
  failure_limit failures;
  std::unordered_map<password_digest, password_check> checks;
  std::unordered_map<std::uint64_t, line> lines;  // by network
  std::size_t deferred = 0;                       // in all lines
  std::size_t deferred_bytes = 0;                 // of their names and passwords
  door_view counted;
};

door::state::~state() {
  for (auto& [digest, check] : checks) wipe(check.password);
}

void door::state::set_users(std::shared_ptr<const password_file> next) {
  users = std::move(next);
  if (users) decoy = make_decoy(*users, seed);
}

const password_hash& door::state::hash_of(const std::string& user_name) const {
  const auto found = users->users.find(user_name);
  return found == users->users.end() ? decoy : found->second;
}

void door::state::submit(gateway::credentials& asked, waiter who) {
  if (asked.has_certificate) return answer(who, reason_code::success, counted.accepted);
  if (asked.has_user_name && users) return check_password(asked, who);
  // Without users a name is as good as none.
  if (!asked.anonymous_allowed) return answer(who, reason_code::not_authorized, counted.refused_anonymous);
  answer(who, reason_code::success, counted.accepted);
}

void door::state::check_password(gateway::credentials& asked, waiter who) {
  const auto& hash = hash_of(asked.user_name);
  const auto digest = known.digest_of(asked.user_name, hash, asked.password);
  if (const auto is_right = known.find(digest, now())) {
    ++counted.answered_from_memory;
    if (*is_right) return answer(who, reason_code::success, counted.accepted);
    return answer(who, reason_code::bad_user_name_or_password, counted.refused_unknown);
  }
  const auto [found, is_new] = checks.try_emplace(digest);
  auto& check = found->second;
  check.waiters.push_back(who);
  if (!is_new) {
    ++counted.answered_together;
    return;
  }
  check.user_name = std::move(asked.user_name);
  check.hash = hash;
  check.network = network_of(asked.address);
  check.password = take_secret(asked.password);
  ++deferred;
  deferred_bytes += bytes_of(check);
  const auto network = check.network;
  lines[network].deferred.push_back(digest);
  begin_deferred(network);
  const auto waiting = lines.find(network);
  if (deferred <= base::deferred_passwords && deferred_bytes <= base::deferred_password_bytes) return;
  if (waiting == lines.end() || waiting->second.deferred.empty()) return;
  const auto last = waiting->second.deferred.back();  // this one: it was deferred
  waiting->second.deferred.pop_back();
  refuse_deferred(last, reason_code::connection_rate_exceeded, counted.refused_limited);
}

// As many as may, in order. Those that are left wait for the next answer to one of their network, which may give its
// token back; if there is none to come, they are refused.
void door::state::begin_deferred(std::uint64_t network) {
  auto& line = lines[network];
  bool is_pool_full = false;
  while (!line.deferred.empty() && !is_pool_full && failures.take(network, now())) {
    const auto digest = line.deferred.front();
    if (hand_to_pool(digest, checks.at(digest))) {
      line.deferred.pop_front();
      ++line.under_way;
    } else {
      failures.give_back(network, now());
      is_pool_full = true;
    }
  }
  if (line.under_way > 0) return;
  const auto refused = std::move(line.deferred);
  lines.erase(network);
  for (const auto& digest : refused) {
    if (is_pool_full) {
      refuse_deferred(digest, reason_code::server_busy, counted.refused_pool_full);
    } else {
      refuse_deferred(digest, reason_code::connection_rate_exceeded, counted.refused_limited);
    }
  }
}

bool door::state::hand_to_pool(const password_digest& digest, password_check& check) {
  const auto bytes = bytes_of(check);
  hash_pool::job job;
  job.hash = check.hash;
  job.answers = &letters;
  job.done = [weak = weak_from_this(), digest](bool is_right) {
    if (const auto state = weak.lock()) state->on_hashed(digest, is_right);
  };
  job.password = take_secret(check.password);
  if (!pool.submit(std::move(job))) {
    check.password = take_secret(job.password);  // NOLINT(bugprone-use-after-move): what is refused is as it was
    return false;
  }
  --deferred;
  deferred_bytes -= bytes;
  return true;
}

void door::state::refuse_deferred(const password_digest& digest, reason_code reason, std::uint64_t& counter) {
  auto refused = checks.extract(digest);
  auto& check = refused.mapped();
  --deferred;
  deferred_bytes -= bytes_of(check);
  wipe(check.password);
  answer_all(check.waiters, reason, counter);
}

void door::state::on_hashed(const password_digest& digest, bool is_right) {
  auto hashed = checks.extract(digest);
  HEADGATE_ASSERT(!hashed.empty());
  const auto& check = hashed.mapped();
  if (is_right) failures.give_back(check.network, now());
  --lines.at(check.network).under_way;
  begin_deferred(check.network);
  if (!users || hash_of(check.user_name) != check.hash) {
    return answer_all(check.waiters, reason_code::server_busy, counted.refused_changed);
  }
  const bool may_enter = is_right && users->users.contains(check.user_name);  // a decoy is nobody's
  known.remember(digest, may_enter, now());
  if (may_enter) return answer_all(check.waiters, reason_code::success, counted.accepted);
  answer_all(check.waiters, reason_code::bad_user_name_or_password, counted.refused_unknown);
}

door::door(std::shared_ptr<const password_file> users, hash_pool& pool, base::mailbox& letters, base::clock& clock,
           std::uint64_t seed)
    : state_(std::make_shared<state>(pool, letters, clock, seed)) {
  state_->set_users(std::move(users));
}

door::~door() = default;

void door::submit(gateway::credentials&& asked, gateway::authentication_answers& answers) {
  const wiped_at_end password(asked.password);
  state_->submit(asked, {&answers, asked.request});
}

bool door::verifies_names() const {
  return state_->users != nullptr;
}

void door::set_users(std::shared_ptr<const password_file> users) {
  state_->set_users(std::move(users));
}

const door_view& door::view() const {
  return state_->counted;
}

}  // namespace headgate::proxy::auth
