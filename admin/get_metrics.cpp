#include "admin/handlers.hpp"
#include "admin/metrics.hpp"

namespace headgate::admin {

void get_metrics(const call& call) {
  if (!has_no_query(call)) return;
  call.services->server.measure(answer<measures>(call, [](const measures& measures) {
    return response{200,
                    "text/plain; version=0.0.4; charset=utf-8",
                    metrics_text(metrics_of(measures, read_process_numbers())),
                    {}};
  }));
}

}  // namespace headgate::admin
