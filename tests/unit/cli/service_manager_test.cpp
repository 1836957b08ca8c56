#include "cli/service_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "net/descriptor.hpp"

namespace headgate::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// systemd's side: a socket for datagrams, in the environment of the service.
class told : public ::testing::Test {
 protected:
  void SetUp() override {
    auto name = (std::filesystem::temp_directory_path() / "headgate-notify-XXXXXX").string();
    ASSERT_NE(nullptr, ::mkdtemp(name.data()));
    directory_ = name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = directory_ / "socket";
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    socket_ = net::descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(0, ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  void TearDown() override {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    std::filesystem::remove_all(directory_);
  }

  // The next datagram; they are sent before the call returns, so there is no waiting.
  std::string heard() {
    std::array<char, 4096> text{};
    const auto size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  service_manager manager_;
  std::filesystem::path directory_;
  net::descriptor socket_;
};

TEST_F(told, the_life_of_a_service) {
  manager_.ready("listening on 127.0.0.1:1883");
  EXPECT_EQ("READY=1\nSTATUS=listening on 127.0.0.1:1883", heard());
  manager_.status("7 clients");
  EXPECT_EQ("STATUS=7 clients", heard());
  manager_.reloading();
  EXPECT_THAT(heard(), ::testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  manager_.ready("reloaded");
  EXPECT_THAT(heard(), StartsWith("READY=1\n"));
  manager_.stopping();
  EXPECT_THAT(heard(), StartsWith("STOPPING=1\n"));
  EXPECT_EQ("", heard());
}

TEST_F(told, a_status_is_one_line) {
  manager_.status("one\nWATCHDOG=trigger\rtwo");
  EXPECT_EQ("STATUS=one WATCHDOG=trigger two", heard());
}

TEST_F(told, the_watchdog) {
  EXPECT_EQ(std::nullopt, manager_.watchdog_interval());
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(std::chrono::seconds(15), manager_.watchdog_interval());
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(std::chrono::seconds(15), manager_.watchdog_interval());
  ::setenv("WATCHDOG_PID", "1", 1);  // somebody else is watched
  EXPECT_EQ(std::nullopt, manager_.watchdog_interval());
  ::setenv("WATCHDOG_USEC", "often", 1);
  EXPECT_EQ(std::nullopt, manager_.watchdog_interval());
  manager_.alive();
  EXPECT_EQ("WATCHDOG=1", heard());
}

TEST_F(told, nobody_listens) {
  socket_.reset();
  manager_.ready("unheard");
  ::unsetenv("NOTIFY_SOCKET");
  manager_.ready("unheard");
  manager_.alive();
}

}  // namespace
}  // namespace headgate::cli
