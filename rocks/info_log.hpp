#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}

namespace headgate::rocks {

// What RocksDB notes for those who know it, in the file LOG of its directory, LOG.old being that of the time before; at
// most 1 MiB. Unlike RocksDB's own, of which an assertion ends the process, it takes a full disk: what cannot
// be written is left out. Any thread.
std::shared_ptr<rocksdb::Logger> make_info_log(const std::string& directory);

}  // namespace headgate::rocks
