#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "config/mosquitto/translate.hpp"

namespace {

using namespace headgate::config::mosquitto;

// A main file and, after a zero byte, what every directory holds as one included file.
class fuzzed_files final : public file_source {
 public:
  explicit fuzzed_files(std::string_view input) {
    const auto end = std::min(input.find('\0'), input.size());
    main_ = input.substr(0, end);
    included_ = input.substr(std::min(end + 1, input.size()));
  }
  std::string read(const std::string& path) override { return path == "main.conf" ? main_ : included_; }
  std::vector<std::string> names_in(const std::string& /*directory*/) override { return {"a.conf", "B.conf", "c"}; }

 private:
  std::string main_;
  std::string included_;
};

}  // namespace

// A mosquitto.conf is refused at a line, or translated with something said of each line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzzed_files files(headgate::base::as_text(headgate::base::bytes(data, size)));
  try {
    const auto translation = translate("main.conf", files);
    HEADGATE_ASSERT(translation.yaml.find("\nlisteners:\n") != std::string::npos);
    HEADGATE_ASSERT(translation.yaml.find('\0') == std::string::npos);
    HEADGATE_ASSERT(report("main.conf", translation).ends_with('\n'));
    const auto lines = read_options("main.conf", files).size();
    HEADGATE_ASSERT(translation.findings.size() >= lines);
  } catch (const import_error& error) {
    HEADGATE_ASSERT(std::string_view(error.what()).find(".conf:") != std::string_view::npos);
  }
  return 0;
}
