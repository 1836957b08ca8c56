// The admin listener over made-up workers, for tests of what it answers when they say something, or nothing in time:
//   fake_admin [silent|TOKEN]
// prints its port, asks for the token, and ends with its standard input.

#include <cstdio>
#include <cstring>

#include "admin/http_listener.hpp"
#include "tests/unit/admin/fake_server.hpp"

int main(int argc, char** argv) {
  using namespace headgate::admin;
  const bool silent = argc > 1 && std::strcmp(argv[1], "silent") == 0;
  fake_server server(silent ? answering::with_nothing : answering::from_another_thread);
  service_thread thread;
  http_listener listener(thread, "127.0.0.1", 0, server);
  if (argc > 1 && !silent) listener.set_token(argv[1]);
  thread.start();
  std::printf("%d\n", listener.local_port());
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
  thread.stop();
}
