#pragma once

#include "steady_run.hpp"

namespace headgate::bench {

// Memory: connects clients that stay silent, and reports the server's RssAnon at two numbers of clients, and the slope.
run_result run_idle(const options& chosen);

// Connection churn: CONNECT, CONNACK, DISCONNECT, over and over, with a bounded number of connections at a time.
run_result run_connects(const options& chosen);

}  // namespace headgate::bench
