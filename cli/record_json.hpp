#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "broker/record/layout.hpp"

namespace headgate::cli {

enum class payload_form : unsigned char {
  text,     // as text where it is UTF-8, in base64 elsewhere
  base64,   // always
  left_out  // its size alone
};

// A record of a log as a JSON object.
boost::json::object json_of(const std::string& log, const broker::record::batch_header& batch,
                            const broker::record::record_header& record, payload_form form);

}  // namespace headgate::cli
