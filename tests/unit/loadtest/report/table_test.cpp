#include "loadtest/report/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadtest/report/audit_lines.hpp"
#include "tests/unit/loadtest/report/sample_results.hpp"

namespace headgate::loadtest::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(table, says_what_a_good_run_found) {
  const auto text = table(good_results(), false);
  EXPECT_THAT(text, HasSubstr("conditions\tqos\t1\n"));
  EXPECT_THAT(text, HasSubstr("connecting\taccepted\t100\tof 101 attempts\n"));
  EXPECT_THAT(text, HasSubstr("connecting\tready\t250 ms\t"));
  EXPECT_THAT(text, HasSubstr("connecting\treason\t1\tconnection refused\n"));
  EXPECT_THAT(text, HasSubstr("rates\tdelivered\tin all 1,000\ta second 500\n"));
  EXPECT_THAT(text, HasSubstr("latency\tdeliver\tp50 2.00 ms\tp90 2.00 ms\tp99 2.00 ms\tp99.9 49.9 ms\tp99.99 49.9 ms\t"
                              "max 50.0 ms\tcount 1,000\n"));
  EXPECT_THAT(text, HasSubstr("generator\tCPU a delivery\t20.0 µs\n"));
  EXPECT_THAT(text, HasSubstr("generator\tbusy\t25.0 %"));
  EXPECT_THAT(text, HasSubstr("generator\ta client\t280 B"));
  EXPECT_THAT(text, HasSubstr("audit\tnothing lost, duplicated, reordered, corrupted or misdelivered among 1,000 "
                              "required deliveries\n"));
  EXPECT_THAT(text, HasSubstr("audit\tmemory\t4.00 KiB\tof at most 512 MiB\n"));
  EXPECT_THAT(text, Not(HasSubstr("+--"))) << "nothing is wrong with it";
  EXPECT_THAT(text, Not(HasSubstr("server\t"))) << "none was looked at";
}

TEST(table, says_which_loop_it_was) {
  auto results = good_results();
  EXPECT_THAT(table(results, true),
              HasSubstr("  closed loop: a message waits for others to arrive, so these times do not show what a stall "
                        "kept from being sent\n"));
  results.is_open_loop = true;
  EXPECT_THAT(table(results, true), AllOf(HasSubstr("  open loop: "), Not(HasSubstr("closed loop"))));
}

TEST(table, names_every_line_of_the_verdict_that_is_not_zero) {
  const auto text = table(bad_results(), false);
  for (const auto* line :
       {"audit\tlost\t1\tFAULTS\n", "audit\tduplicated\t2\tFAULTS\n", "audit\tduplicated at QoS 2\t3\tFAULTS\n",
        "audit\treordered\t4\tFAULTS\n", "audit\tcorrupted\t5\tFAULTS\n", "audit\tmisdelivered\t6\tFAULTS\n",
        "audit\tnever acknowledged\t7\tFAULTS\n", "audit\twrongly acknowledged\t8\tFAULTS\n",
        "audit\tsession lost\t9\tFAULTS\n", "audit\tdropped at QoS 0\t11\t", "audit\tduplicated with reason\t12\t",
        "audit\tin doubt\t13\t", "audit\trefused\t14\t", "audit\texpired\t15\t", "audit\tforeign\t16\t"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("nothing lost")));
}

TEST(table, tells_what_the_server_cost) {
  const auto text = table(bad_results(), false);
  EXPECT_THAT(text, HasSubstr("server\tCPU a delivery\t10.0 µs\n"));
  EXPECT_THAT(text, HasSubstr("server\tmemory\t3.00 MiB\tanonymous; 2.00 MiB when measuring began, 1.00 MiB before"));
  EXPECT_THAT(text, HasSubstr("server\tepoll_wait\t250\t0.25 a delivery\n"));
}

TEST(table, cries_out_what_is_wrong_at_its_end) {
  const auto text = table(bad_results(), true);
  const auto failed = text.find("| THE RUN FAILED");
  const auto faults = text.find("| THE AUDIT FOUND 45 FAULTS");
  const auto incomplete = text.find("| THE AUDIT IS NOT COMPLETE");
  const auto limited = text.find("| LIMITED BY THE GENERATOR: THESE ARE NOT THE SERVER'S FIGURES");
  const auto interrupted = text.find("| INTERRUPTED");
  ASSERT_NE(interrupted, std::string::npos) << text;
  EXPECT_LT(failed, faults);
  EXPECT_LT(faults, incomplete);
  EXPECT_LT(incomplete, limited);
  EXPECT_LT(limited, interrupted);
  EXPECT_THAT(text, HasSubstr("| - nothing was delivered for 10 s"));
  EXPECT_THAT(text, HasSubstr("| - its thread was busy 99 % of the time"));
}

TEST(table, says_that_the_audit_was_off) {
  auto results = good_results();
  results.audited = false;
  EXPECT_THAT(table(results, false), AllOf(HasSubstr("audit\toff\n"), Not(HasSubstr("nothing lost"))));
}

TEST(table, says_what_was_due_and_never_sent) {
  const auto text = table(bad_results(), false);
  EXPECT_THAT(text, HasSubstr("rates\tdue and never sent\tin all 17\n"));
  EXPECT_THAT(text, HasSubstr("latency\t17 messages were due and never sent: their times are missing\n"));
  EXPECT_THAT(text, HasSubstr("generator\twindows reopened\t18\t"));
  EXPECT_THAT(table(good_results(), false), AllOf(Not(HasSubstr("never sent")), Not(HasSubstr("reopened"))));
}

TEST(table, frames_what_the_reader_should_know) {
  EXPECT_THAT(table(bad_results(), true),
              AllOf(HasSubstr("| NOTE "), HasSubstr("| - nobody receives what group p publishes")));
}

TEST(table, cries_out_that_the_server_ended_connections) {
  auto results = bad_results();
  EXPECT_THAT(
      table(results, true),
      AllOf(HasSubstr("| THE SERVER ENDED 3 CONNECTIONS "), HasSubstr("it left 5 connections without an answer"),
            HasSubstr("- most frequent reason, also of those refused and failed: connection")));
  auto& counted = results.connections;
  counted.refused = counted.failed = counted.unanswered = 0;
  counted.ended_by_server = 1;
  counted.reasons = {{"reset", 3}, {"closed", 4}};
  EXPECT_THAT(table(results, true),
              AllOf(HasSubstr("| THE SERVER ENDED 1 CONNECTION "), HasSubstr("| - most frequent reason: closed (4)"),
                    Not(HasSubstr("without an answer"))));
  counted.ended_by_server = 0;
  counted.unanswered = 2;
  EXPECT_THAT(table(results, true), HasSubstr("| THE SERVER LEFT 2 CONNECTIONS UNANSWERED "));
}

TEST(table, cries_out_that_latencies_are_of_some_messages_only) {
  auto results = good_results();
  results.audit.qos0_dropped = 10;
  EXPECT_THAT(table(results, true), Not(HasSubstr("THE SERVER DROPPED"))) << "10 of 1,010 are less than 1 %";
  results.audit.qos0_dropped = 11;
  EXPECT_THAT(table(results, true),
              AllOf(HasSubstr("| THE SERVER DROPPED 1.09 % OF WHAT WAS DUE"), HasSubstr("11 deliveries at QoS 0")));
}

TEST(table, says_why_counts_of_deliveries_differ) {
  auto results = good_results();
  EXPECT_THAT(table(results, false), Not(HasSubstr("whenever they came")));
  results.messages.deliveries = 1010;
  EXPECT_THAT(table(results, false), HasSubstr("latency\tdeliver: of messages that were due while measuring, whenever "
                                               "they came; delivered are those that came meanwhile\n"));
}

TEST(table, says_what_sent_means_where_nothing_comes_back) {
  core::results results;
  results.measured_s = 1;
  results.messages.sent = 1000;
  const auto* words = "rates\tsent: went into sockets; without acknowledgement and subscriber nobody knows";
  EXPECT_THAT(table(results, false), HasSubstr(words));
  EXPECT_THAT(table(good_results(), false), Not(HasSubstr(words)));
  results.audited = true;
  results.audit.qos0_dropped = 1;
  EXPECT_THAT(table(results, false), Not(HasSubstr(words))) << "there was a subscriber";
}

TEST(table, leaves_out_what_was_not_measured) {
  auto results = bad_results();
  results.measured_s = 0;
  const auto text = table(results, false);
  EXPECT_THAT(text, AllOf(HasSubstr("conditions\tmeasured\tnothing\n"), Not(HasSubstr("\tCPU\t")),
                          Not(HasSubstr("generator\tbusy")), Not(HasSubstr("generator\tmemory"))));
  EXPECT_THAT(text, HasSubstr("server\tmemory\t1.00 MiB\tanonymous, before the first connection\n"));
}

TEST(table, stands_a_run_that_did_nothing) {
  EXPECT_THAT(table(core::results{}, true), Not(HasSubstr("nan")));
}

TEST(findings, are_sentences) {
  EXPECT_EQ(finding_text({core::fault_kind::lost, 3, 7, 4711, 4713}),
            "lost: messages 4,711 to 4,712 of publisher 3 at subscriber 7");
  EXPECT_EQ(finding_text({core::fault_kind::reordered, 0, 1, 5, 6}),
            "reordered: message 5 of publisher 0 at subscriber 1");
  EXPECT_EQ(finding_text({core::fault_kind::never_acknowledged, 3, core::nobody, 5, 6}),
            "never acknowledged: message 5 of publisher 3");
  EXPECT_EQ(finding_text({core::fault_kind::session_lost, core::nobody, 12, 0, 0}), "session lost at subscriber 12");
}

}  // namespace
}  // namespace headgate::loadtest::report
