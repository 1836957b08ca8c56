#include "loadtest/run/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace headgate::loadtest::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using judgement = check::judgement;

// A machine with room for a hundred thousand clients and their server.
machine_facts good_machine() {
  machine_facts facts;
  facts.soft_descriptors = 1'000'000;
  facts.hard_descriptors = 1'000'000;
  facts.most_descriptors = 1'048'576;
  facts.machine_files = 10'000'000;
  facts.machine_files_used = 5'000;
  facts.first_port = 32768;
  facts.last_port = 60999;
  facts.reuses_time_wait = 0;
  facts.accept_queue = 4096;
  facts.handshake_queue = 4096;
  facts.tcp_pages[0] = 300'000;
  facts.tcp_pages[1] = 400'000;
  facts.tcp_pages[2] = 600'000;
  facts.available_bytes = 16ULL << 30U;
  facts.clock_source = "tsc";
  facts.clock_sources = {"tsc", "hpet", "acpi_pm"};
  facts.clock_read_ns = 25;
  facts.timer_late_ns = 60'000;
  facts.cores = 8;
  return facts;
}

wanted_load of_clients(std::uint32_t clients) {
  wanted_load load;
  load.clients = clients;
  return load;
}

wanted_load at_another_machine(std::uint32_t clients) {
  auto load = of_clients(clients);
  load.host = "192.0.2.1";
  load.is_loopback = false;
  load.is_local = false;
  return load;
}

check named(const char* name, const machine_facts& facts, const wanted_load& load) {
  for (auto& each : examine(facts, load)) {
    if (each.name == name) return each;
  }
  ADD_FAILURE() << "there is no check of " << name;
  return {};
}

TEST(doctor, finds_nothing_at_a_good_machine) {
  for (const auto& each : examine(good_machine(), of_clients(100'000))) {
    EXPECT_EQ(each.judged, judgement::good) << each.name << ": " << each.found;
    EXPECT_THAT(each.mends, IsEmpty());
  }
}

TEST(doctor, what_cannot_be_read_is_no_fault) {
  machine_facts facts;
  facts.soft_descriptors = facts.hard_descriptors = std::numeric_limits<std::uint64_t>::max();
  facts.cores = 2;
  for (const auto& each : examine(facts, of_clients(20'000))) {
    EXPECT_EQ(each.judged, judgement::good) << each.name << ": " << each.found;
  }
}

TEST(doctor, descriptors_that_the_hard_limit_permits_are_raised) {
  auto facts = good_machine();
  facts.soft_descriptors = 1024;
  const auto found = named("descriptors", facts, of_clients(5'000));
  EXPECT_EQ(found.judged, judgement::note) << "a run raises its limit itself, the server perhaps not";
  EXPECT_THAT(found.mends, ElementsAre("ulimit -n 5064"));
  EXPECT_EQ(named("descriptors", facts, at_another_machine(5'000)).judged, judgement::good);
  EXPECT_EQ(named("descriptors", facts, of_clients(960)).judged, judgement::good);
  EXPECT_EQ(named("descriptors", facts, of_clients(961)).judged, judgement::note);
}

TEST(doctor, above_the_hard_limit_root_raises_it_or_processes_share) {
  auto facts = good_machine();
  facts.soft_descriptors = 1024;
  facts.hard_descriptors = 20'064;
  facts.most_descriptors = 30'000;
  const auto found = named("descriptors", facts, of_clients(50'000));
  EXPECT_EQ(found.judged, judgement::mend);
  ASSERT_EQ(found.mends.size(), 3U);
  EXPECT_EQ(found.mends[0], "sysctl -w fs.nr_open=50064");
  EXPECT_THAT(found.mends[1], HasSubstr("prlimit --pid $$ --nofile=50064"));
  EXPECT_THAT(found.mends[2], HasSubstr("3 processes at the same time, each with -c 16667"));
}

TEST(doctor, a_process_takes_so_many_clients) {
  auto load = of_clients(19'500);
  load.most_in_a_process = 19'500;
  EXPECT_EQ(named("clients", good_machine(), load).judged, judgement::good);
  EXPECT_THAT(named("clients", good_machine(), load).found, HasSubstr("'pairs -c N' has 2N clients"));
  load.clients = 50'000;
  const auto found = named("clients", good_machine(), load);
  EXPECT_EQ(found.judged, judgement::mend);
  EXPECT_THAT(found.found, HasSubstr("50,000 in one process, which takes 19,500"));
  EXPECT_THAT(found.mends, ElementsAre(HasSubstr("3 processes at the same time, each with -c 16667")));
}

TEST(doctor, what_each_process_needs_is_of_its_clients) {
  auto load = of_clients(50'000);
  load.most_in_a_process = 19'500;
  auto facts = good_machine();
  facts.soft_descriptors = facts.hard_descriptors = 20'000;
  EXPECT_EQ(named("descriptors", facts, load).judged, judgement::good);
  facts.soft_descriptors = facts.hard_descriptors = 10'064;
  auto found = named("descriptors", facts, load);
  EXPECT_THAT(found.found, HasSubstr("16,731 are needed in each process"));
  EXPECT_THAT(found.mends.back(), HasSubstr("5 processes at the same time, each with -c 10000"));
  // What is proposed is accepted.
  facts.hard_descriptors = 1'000'000;
  load.clients = 1'000'000;
  found = named("clients", facts, load);
  EXPECT_THAT(found.mends, ElementsAre(HasSubstr("52 processes at the same time, each with -c 19231")));
  facts.accept_queue = 4096;
  EXPECT_THAT(named("accept queue", facts, load).mends, ElementsAre("sysctl -w net.core.somaxconn=5200"));
}

TEST(doctor, files_of_the_machine_count_at_both_ends) {
  auto facts = good_machine();
  facts.machine_files = 160'000;
  facts.machine_files_used = 10'000;
  const auto found = named("files of the machine", facts, of_clients(100'000));
  EXPECT_EQ(found.judged, judgement::mend);
  EXPECT_THAT(found.mends, ElementsAre("sysctl -w fs.file-max=210128"));
  EXPECT_EQ(named("files of the machine", facts, at_another_machine(100'000)).judged, judgement::good);
}

TEST(doctor, loopback_has_an_address_for_each_ten_thousand) {
  auto facts = good_machine();
  EXPECT_EQ(named("local ports", facts, of_clients(1'000'000)).judged, judgement::good);
  facts.first_port = 60'000;
  facts.last_port = 60'999;
  EXPECT_EQ(named("local ports", facts, of_clients(1000)).judged, judgement::good);
  const auto found = named("local ports", facts, of_clients(1001));
  EXPECT_EQ(found.judged, judgement::mend);
  EXPECT_THAT(found.mends, ElementsAre("sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""));
}

TEST(doctor, a_real_interface_has_one_address) {
  auto facts = good_machine();
  EXPECT_EQ(named("local ports", facts, at_another_machine(28'232)).judged, judgement::good);
  auto found = named("local ports", facts, at_another_machine(28'233));
  EXPECT_THAT(found.mends, ElementsAre("sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""));
  found = named("local ports", facts, at_another_machine(100'000));
  ASSERT_EQ(found.mends.size(), 2U);
  EXPECT_THAT(found.mends[1], HasSubstr("give it 2 (--target several times), or run on 2 machines"));
}

TEST(doctor, ports_wait_when_clients_come_and_go) {
  auto facts = good_machine();
  auto load = at_another_machine(1000);
  EXPECT_EQ(named("ports that wait", facts, load).judged, judgement::good);
  load.connects_per_s = 400;
  EXPECT_EQ(named("ports that wait", facts, load).judged, judgement::good) << "24,000 of 27,232";
  load.connects_per_s = 500;
  const auto found = named("ports that wait", facts, load);
  EXPECT_EQ(found.judged, judgement::mend);
  EXPECT_EQ(found.mends.front(), "sysctl -w net.ipv4.tcp_tw_reuse=1");
  facts.reuses_time_wait = 2;
  EXPECT_EQ(named("ports that wait", facts, load).judged, judgement::mend) << "2 is for loopback alone";
  load.is_loopback = true;
  EXPECT_EQ(named("ports that wait", facts, load).judged, judgement::good);
}

TEST(doctor, queues_are_a_matter_of_the_servers_machine) {
  auto facts = good_machine();
  facts.accept_queue = 64;
  facts.handshake_queue = 64;
  EXPECT_THAT(named("accept queue", facts, of_clients(5000)).mends, ElementsAre("sysctl -w net.core.somaxconn=100"));
  EXPECT_THAT(named("handshake queue", facts, of_clients(5000)).mends,
              ElementsAre("sysctl -w net.ipv4.tcp_max_syn_backlog=100"));
  EXPECT_EQ(named("accept queue", facts, of_clients(64)).judged, judgement::good);
  EXPECT_EQ(named("accept queue", facts, at_another_machine(5000)).judged, judgement::good);
}

TEST(doctor, a_firewall_follows_so_many_connections) {
  auto facts = good_machine();
  facts.tracked_connections = 1000;
  facts.trackable_connections = 65'536;
  EXPECT_EQ(named("connection tracking", facts, of_clients(64'536)).judged, judgement::good);
  EXPECT_THAT(named("connection tracking", facts, of_clients(99'000)).mends,
              ElementsAre("sysctl -w net.netfilter.nf_conntrack_max=125000"));
}

TEST(doctor, sockets_need_memory_at_each_end) {
  auto facts = good_machine();
  facts.available_bytes = 900ULL << 20U;
  EXPECT_EQ(named("memory", facts, of_clients(100'000)).judged, judgement::mend);
  EXPECT_EQ(named("memory", facts, at_another_machine(100'000)).judged, judgement::good);
  facts.tcp_pages[1] = 150'000;
  EXPECT_THAT(named("memory of sockets", facts, of_clients(100'000)).mends,
              ElementsAre("sysctl -w net.ipv4.tcp_mem=\"200000 266666 400000\""));
  EXPECT_EQ(named("memory of sockets", facts, at_another_machine(100'000)).judged, judgement::good);
}

TEST(doctor, a_slow_clock_is_exchanged) {
  auto facts = good_machine();
  facts.clock_source = "hpet";
  const auto folder = std::string("/sys/devices/system/clocksource/clocksource0/");
  EXPECT_THAT(named("clock", facts, of_clients(1)).mends, ElementsAre("echo tsc > " + folder + "current_clocksource"));
  facts.clock_sources = {"hpet", "acpi_pm"};
  EXPECT_THAT(named("clock", facts, of_clients(1)).mends.front(), HasSubstr("boot with tsc=reliable"));
  facts.clock_source = "kvm-clock";
  EXPECT_EQ(named("clock", facts, of_clients(1)).judged, judgement::good);
  facts.clock_read_ns = 900;
  EXPECT_EQ(named("clock", facts, of_clients(1)).judged, judgement::note);
}

TEST(doctor, timers_come_in_time) {
  auto facts = good_machine();
  facts.timer_late_ns = 4e6;
  EXPECT_EQ(named("timers", facts, of_clients(1)).judged, judgement::note);
}

TEST(doctor, cores_are_a_note) {
  auto facts = good_machine();
  facts.cores = 1;
  EXPECT_EQ(named("cores", facts, of_clients(1)).judged, judgement::note);
  EXPECT_EQ(named("cores", facts, at_another_machine(1)).judged, judgement::good);
  facts.cores = 4;
  facts.load = 3.5;
  EXPECT_EQ(named("cores", facts, of_clients(1)).judged, judgement::note);
}

TEST(doctor, numbers_of_any_size_are_borne) {
  auto facts = good_machine();
  facts.soft_descriptors = facts.hard_descriptors = 0;
  facts.machine_files = 0;
  facts.first_port = 1;
  facts.last_port = 0;
  for (const auto& each : examine(facts, of_clients(100'000'000))) EXPECT_FALSE(each.found.empty());
}

TEST(machine_facts, are_read_of_this_machine) {
  const auto facts = read_machine_facts();
  EXPECT_GT(facts.soft_descriptors, 0U);
  EXPECT_GE(facts.hard_descriptors, facts.soft_descriptors);
  EXPECT_GT(facts.clock_read_ns, 0);
  EXPECT_GE(facts.cores, 1U);
}

TEST(locate_server, tells_loopback_from_other_machines) {
  wanted_load load;
  load.host = "127.0.0.2";
  locate_server(load);
  EXPECT_TRUE(load.is_loopback && load.is_local);
  load.host = "192.0.2.1";  // for documentation: nobody has it
  locate_server(load);
  EXPECT_FALSE(load.is_loopback || load.is_local);
  load.host = "no host";
  EXPECT_THROW(locate_server(load), std::runtime_error);
}

}  // namespace
}  // namespace headgate::loadtest::run
