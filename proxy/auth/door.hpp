#pragma once

#include <cstdint>
#include <memory>

#include "base/mailbox.hpp"
#include "base/time.hpp"
#include "proxy/auth/hash_pool.hpp"
#include "proxy/auth/password_file.hpp"
#include "proxy/auth/view.hpp"
#include "proxy/gateway/authenticator.hpp"

namespace headgate::proxy::auth {

// Lets in who has a certificate that was verified, whose password is right, or who has no name where that is allowed.
// One a worker, its thread only; the users may be exchanged while it runs. In this order:
//   1. a certificate: in.
//   2. no name: in if the listener allows it, else not_authorized.
//   3. no password file: a name is as good as none.
//   4. a password that was right or wrong a short while ago (known_passwords.hpp): the same again, without a hash.
//   5. the same user and password as one that is being checked: its answer.
//   6. an address with too many failures (failure_limit.hpp): connection_rate_exceeded. Where it has tokens but lent
//   all
//      of them to passwords under way, the next wait until they are answered, so that devices behind one address may
//      come in together, and no address has more than its tokens in the pool's queue.
//   7. the pool: a hash, of a decoy if there is no such user, so that time tells nobody which names exist. Full:
//      server_busy.
// Decoys cost what the file's first user costs: names can be told apart in files whose hashes are of several kinds.
//
// Passwords are wiped as soon as they are answered or handed on, those in `asked` before submit() returns.
//
// Lifetime: the pool, the mailbox and the clock outlive it, and so does who gets the answers; hashes that come after it
// has gone find nobody.
class door final : public gateway::authenticator {
 public:
  // `users`: null when there is no password file.
  door(std::shared_ptr<const password_file> users, hash_pool& pool, base::mailbox& letters, base::clock& clock,
       std::uint64_t seed);
  ~door() override;

  void submit(gateway::credentials&& asked, gateway::authentication_answers& answers) override;
  // A password that is being checked against a line that is another one now, or gone, is refused with server_busy: its
  // device asks the new line when it comes again. Null: from now on everybody may come in.
  // Only while there are users.
  bool verifies_names() const override;
  void set_users(std::shared_ptr<const password_file> users);
  const door_view& view() const;

 private:
  struct state;
  std::shared_ptr<state> state_;  // answers of the pool refer to it weakly
};

}  // namespace headgate::proxy::auth
