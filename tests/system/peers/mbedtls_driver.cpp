// Speaks TLS 1.2 as small devices do, with Mbed TLS: what comes on standard input goes to the server, what comes from
// the server goes to standard output, and what is known of the connection is said in lines on standard error.
//
//   mbedtls_driver PORT AUTHORITY SUITES FRAGMENT SESSION
//     AUTHORITY  the PEM file of the one that the server's certificate must come from
//     SUITES     ecdsa, rsa or both: the keys of servers that the device can verify
//     FRAGMENT   maximum fragment length that it asks for: 512, 1024, 2048, 4096, or 0 for none
//     SESSION    a file with a session to take up, if there is one; the new one is written there; - for none
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr auto address = "127.0.0.1";
constexpr std::uint8_t application_data = 23;
constexpr std::size_t header_bytes = 5;

constexpr std::array<int, 3> suites_of_ecdsa = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                                MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0};
constexpr std::array<int, 3> suites_of_rsa = {MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                              MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, 0};
constexpr std::array<int, 3> suites_of_both = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                               MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 0};

struct arguments {
  std::string port, authority, suites, fragment, session;
};

void expect(int result, const char* call) {
  if (result >= 0) return;
  std::array<char, 200> words{};
  mbedtls_strerror(result, words.data(), words.size());
  throw std::runtime_error(std::string(call) + ": " + words.data());
}

const int* suites_named(const std::string& name) {
  if (name == "ecdsa") return suites_of_ecdsa.data();
  if (name == "rsa") return suites_of_rsa.data();
  return suites_of_both.data();
}

unsigned char fragment_code(const std::string& size) {
  if (size == "512") return MBEDTLS_SSL_MAX_FRAG_LEN_512;
  if (size == "1024") return MBEDTLS_SSL_MAX_FRAG_LEN_1024;
  if (size == "2048") return MBEDTLS_SSL_MAX_FRAG_LEN_2048;
  if (size == "4096") return MBEDTLS_SSL_MAX_FRAG_LEN_4096;
  return MBEDTLS_SSL_MAX_FRAG_LEN_NONE;
}

// The sizes of records as they pass by.
class record_sizes {
 public:
  void add(const unsigned char* bytes, std::size_t size) {
    while (size > 0) {
      if (missing_ > 0) {
        const auto skipped = std::min(missing_, size);
        missing_ -= skipped;
        bytes += skipped;
        size -= skipped;
        continue;
      }
      header_.push_back(*bytes++);
      --size;
      if (header_.size() < header_bytes) continue;
      missing_ = static_cast<std::size_t>(header_[3]) * 256 + header_[4];
      auto& largest = header_[0] == application_data ? largest_of_application_ : largest_of_handshake_;
      largest = std::max(largest, missing_);
      header_.clear();
    }
  }

  std::size_t largest_of_application() const { return largest_of_application_; }
  std::size_t largest_of_handshake() const { return largest_of_handshake_; }

 private:
  std::vector<unsigned char> header_;
  std::size_t missing_ = 0;
  std::size_t largest_of_application_ = 0;
  std::size_t largest_of_handshake_ = 0;
};

// One connection. Everything of the library is freed with it.
class device {
 public:
  explicit device(const arguments& given) : given_(given) {
    mbedtls_net_init(&net_);
    mbedtls_ssl_init(&ssl_);
    mbedtls_ssl_config_init(&config_);
    mbedtls_ssl_session_init(&session_);
    mbedtls_x509_crt_init(&authority_);
    mbedtls_entropy_init(&entropy_);
    mbedtls_ctr_drbg_init(&random_);
  }
  device(const device&) = delete;
  device& operator=(const device&) = delete;
  ~device() {
    mbedtls_ssl_free(&ssl_);
    mbedtls_ssl_config_free(&config_);
    mbedtls_ssl_session_free(&session_);
    mbedtls_x509_crt_free(&authority_);
    mbedtls_ctr_drbg_free(&random_);
    mbedtls_entropy_free(&entropy_);
    mbedtls_net_free(&net_);
  }

  void connect() {
    configure();
    expect(mbedtls_ssl_setup(&ssl_, &config_), "mbedtls_ssl_setup");
    expect(mbedtls_ssl_set_hostname(&ssl_, "device.example"), "mbedtls_ssl_set_hostname");
    load_session();
    expect(mbedtls_net_connect(&net_, address, given_.port.c_str(), MBEDTLS_NET_PROTO_TCP), "mbedtls_net_connect");
    mbedtls_ssl_set_bio(&ssl_, this, send, receive, nullptr);
    expect(mbedtls_ssl_handshake(&ssl_), "mbedtls_ssl_handshake");
    std::cerr << "version=" << mbedtls_ssl_get_version(&ssl_) << " suite=" << mbedtls_ssl_get_ciphersuite(&ssl_)
              << " fragment=" << mbedtls_ssl_get_output_max_frag_len(&ssl_) << " resumed=" << (verified_ ? 0 : 1)
              << std::endl;
    save_session();
  }

  // Until either side ends.
  void carry() {
    std::array<pollfd, 2> ends{{{STDIN_FILENO, POLLIN, 0}, {net_.fd, POLLIN, 0}}};
    while (::poll(ends.data(), ends.size(), -1) > 0) {
      if (ends[0].revents != 0 && !carry_out()) {
        mbedtls_ssl_close_notify(&ssl_);
        return say_end("standard input");
      }
      if (ends[1].revents == 0) continue;
      do {
        if (!carry_in()) return;
      } while (mbedtls_ssl_get_bytes_avail(&ssl_) > 0 || mbedtls_ssl_check_pending(&ssl_) != 0);
    }
  }

 private:
  static int send(void* self, const unsigned char* bytes, std::size_t size) {
    return mbedtls_net_send(&static_cast<device*>(self)->net_, bytes, size);
  }
  static int receive(void* self, unsigned char* into, std::size_t size) {
    auto& own = *static_cast<device*>(self);
    const int got = mbedtls_net_recv(&own.net_, into, size);
    if (got > 0) own.sizes_.add(into, static_cast<std::size_t>(got));
    return got;
  }
  // Called for each certificate of the chain in a full handshake alone.
  static int note_verification(void* self, mbedtls_x509_crt*, int, std::uint32_t*) {
    static_cast<device*>(self)->verified_ = true;
    return 0;
  }

  void configure() {
    expect(mbedtls_ctr_drbg_seed(&random_, mbedtls_entropy_func, &entropy_, nullptr, 0), "mbedtls_ctr_drbg_seed");
    expect(mbedtls_x509_crt_parse_file(&authority_, given_.authority.c_str()), "mbedtls_x509_crt_parse_file");
    expect(mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                       MBEDTLS_SSL_PRESET_DEFAULT),
           "mbedtls_ssl_config_defaults");
    mbedtls_ssl_conf_min_version(&config_, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&config_, &authority_, nullptr);
    mbedtls_ssl_conf_verify(&config_, note_verification, this);
    mbedtls_ssl_conf_rng(&config_, mbedtls_ctr_drbg_random, &random_);
    mbedtls_ssl_conf_ciphersuites(&config_, suites_named(given_.suites));
    expect(mbedtls_ssl_conf_max_frag_len(&config_, fragment_code(given_.fragment)), "mbedtls_ssl_conf_max_frag_len");
  }

  void load_session() {
    std::ifstream file(given_.session, std::ios::binary);
    if (!file) return;
    const std::string kept((std::istreambuf_iterator<char>(file)), {});
    expect(mbedtls_ssl_session_load(&session_, reinterpret_cast<const unsigned char*>(kept.data()), kept.size()),
           "mbedtls_ssl_session_load");
    expect(mbedtls_ssl_set_session(&ssl_, &session_), "mbedtls_ssl_set_session");
  }

  void save_session() {
    if (given_.session == "-") return;
    mbedtls_ssl_session_free(&session_);
    mbedtls_ssl_session_init(&session_);
    expect(mbedtls_ssl_get_session(&ssl_, &session_), "mbedtls_ssl_get_session");
    std::vector<unsigned char> kept(16 * 1024);
    std::size_t size = 0;
    expect(mbedtls_ssl_session_save(&session_, kept.data(), kept.size(), &size), "mbedtls_ssl_session_save");
    std::ofstream(given_.session, std::ios::binary)
        .write(reinterpret_cast<const char*>(kept.data()), static_cast<std::streamsize>(size));
  }

  // False at the end of standard input.
  bool carry_out() {
    std::array<unsigned char, 65536> bytes{};
    const auto got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got <= 0) return false;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const int sent = mbedtls_ssl_write(&ssl_, bytes.data() + at, static_cast<std::size_t>(got) - at);
      expect(sent, "mbedtls_ssl_write");
      at += static_cast<std::size_t>(sent);
    }
    return true;
  }

  // False when the server has ended the connection, or nobody reads standard output.
  bool carry_in() {
    std::array<unsigned char, 16384> bytes{};
    const int got = mbedtls_ssl_read(&ssl_, bytes.data(), bytes.size());
    if (got == 0 || got == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
      say_end(got == 0 ? "the connection" : "close_notify");
      return false;
    }
    expect(got, "mbedtls_ssl_read");
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const auto written = ::write(STDOUT_FILENO, bytes.data() + at, static_cast<std::size_t>(got) - at);
      if (written <= 0) return false;
      at += static_cast<std::size_t>(written);
    }
    return true;
  }

  void say_end(const char* what) const {
    std::cerr << "largest=" << sizes_.largest_of_application()
              << " largest_of_handshake=" << sizes_.largest_of_handshake() << " ended_by=" << what << std::endl;
  }

  arguments given_;
  mbedtls_net_context net_{};
  mbedtls_ssl_context ssl_{};
  mbedtls_ssl_config config_{};
  mbedtls_ssl_session session_{};
  mbedtls_x509_crt authority_{};
  mbedtls_entropy_context entropy_{};
  mbedtls_ctr_drbg_context random_{};
  record_sizes sizes_;
  bool verified_ = false;
};

}  // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::cerr << "mbedtls_driver PORT AUTHORITY SUITES FRAGMENT SESSION" << std::endl;
    return 2;
  }
  try {
    device one({words[1], words[2], words[3], words[4], words[5]});
    one.connect();
    one.carry();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "error=" << error.what() << std::endl;
    return 1;
  }
}
