#include "broker/log/stored_batch.hpp"

#include "broker/log/crc32c.hpp"

namespace headgate::broker::log {

namespace {

constexpr std::size_t header_size = sizeof(record::batch_header);

base::bytes bytes_of(const record::batch_header& header) {
  return {reinterpret_cast<const std::uint8_t*>(&header), header_size};
}

// The CRC is of the stored header, with 0 in the place of the CRC, and of the records behind it.
void add_header(crc32c& crc, record::batch_header header) {
  header.crc32c = 0;
  crc.add(bytes_of(header));
}

void add_runs(record::batch_header& batch, std::vector<base::bytes>& runs) {
  const auto* records = reinterpret_cast<const std::uint8_t*>(&batch) + header_size;
  if (batch.passing == 0) return runs.push_back({records, batch.size - header_size});
  bool joins = false;
  record::for_each_record(batch, [&](const record::record_header& record) {
    const base::bytes bytes{reinterpret_cast<const std::uint8_t*>(&record), record::aligned(record.size)};
    if (!record.has_offset()) {
      joins = false;
    } else if (joins) {
      runs.back() = {runs.back().data(), runs.back().size() + bytes.size()};
    } else {
      runs.push_back(bytes);
      joins = true;
    }
  });
}

// Whether the records fill their batch and each is as a builder writes it.
bool are_whole(const record::batch_header& batch, base::bytes records) {
  for (std::uint32_t n = 0; n < batch.count; ++n) {
    if (records.size() < sizeof(record::record_header)) return false;
    const auto& record = *reinterpret_cast<const record::record_header*>(records.data());
    const auto parts = sizeof(record::record_header) + record.topic_size + std::uint64_t{record.properties_size} +
                       record.exchange_size();
    if (record.size > records.size() || parts > record.size || record::aligned(record.size) > records.size())
      return false;
    if (record.offset_delta != n || !record.has_offset() || record.qos() > 2) return false;
    records = records.subspan(record::aligned(record.size));
  }
  return records.empty();
}

}  // namespace

stored_batch store_batch(record::batch_header& batch, std::uint32_t log_id, std::vector<base::bytes>& runs) {
  stored_batch stored{batch, static_cast<std::uint32_t>(runs.size()), 0};
  add_runs(batch, runs);
  stored.run_count = static_cast<std::uint32_t>(runs.size()) - stored.first_run;
  std::size_t size = header_size;
  for (auto n = stored.first_run; n < runs.size(); ++n) size += runs[n].size();
  stored.header.size = static_cast<std::uint32_t>(size);
  stored.header.passing = 0;
  stored.header.log_id = log_id;
  return stored;
}

void set_crc(stored_batch& stored, const std::vector<base::bytes>& runs) {
  crc32c crc;
  add_header(crc, stored.header);
  for (std::uint32_t n = 0; n < stored.run_count; ++n) crc.add(runs[stored.first_run + n]);
  stored.header.crc32c = crc.value();
}

result<const record::batch_header*> check_batch(base::bytes data, std::uint32_t log_id) {
  if (data.size() < header_size) return errc::too_small;
  const auto& batch = *reinterpret_cast<const record::batch_header*>(data.data());
  if (batch.size < header_size + sizeof(record::record_header) || batch.size % record::alignment != 0) {
    return errc::damaged;
  }
  if (batch.size > data.size()) return errc::too_small;
  crc32c crc;
  add_header(crc, batch);
  const auto records = data.first(batch.size).subspan(header_size);
  crc.add(records);
  if (crc.value() != batch.crc32c) return errc::damaged;
  if (batch.version != record::format_version || batch.codec != 0) return errc::unknown_version;
  if (batch.count == 0 || batch.passing != 0 || (log_id != 0 && batch.log_id != log_id)) return errc::damaged;
  if (batch.base_offset > most_offset || !are_whole(batch, records)) return errc::damaged;
  return &batch;
}

}  // namespace headgate::broker::log
