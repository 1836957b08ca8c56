#include "cli/token_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace headgate::cli {
namespace {

using ::testing::HasSubstr;

struct token_file : ::testing::Test {
  token_file() {
    std::string name = (std::filesystem::temp_directory_path() / "headgate-token-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory = name;
    path = name + "/token";
  }
  ~token_file() override { std::filesystem::remove_all(directory); }

  void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
  std::string read(const std::string& text) const {
    write(text);
    return read_token(path);
  }
  std::string error() const {
    try {
      (void)read_token(path);
    } catch (const config::settings_error& error) {
      return error.what();
    }
    return "";
  }
  std::string error_of(const std::string& text) const {
    write(text);
    return error();
  }

  std::string directory;
  std::string path;
};

TEST_F(token_file, the_first_line_without_blanks_around_it) {
  const std::string token = "0123456789abcdef";
  for (const auto& text : {token, token + "\n", " \t" + token + " \r\n", token + "\nof the year 2026\n"})
    EXPECT_EQ(read(text), token) << text;
  EXPECT_EQ(read(std::string(1024, 'x') + "\n"), std::string(1024, 'x'));
}

TEST_F(token_file, short_and_long_ones_are_refused) {
  for (const std::string text : {"", "\n", "\n0123456789abcdef\n", "0123456789abcde\n", "                   \n"}) {
    EXPECT_THAT(error_of(text), HasSubstr("the token in '" + path + "', its first line, has ")) << text;
    EXPECT_THAT(error(), HasSubstr("needs 16 to 1024: 'openssl rand -hex 24' makes one"));
  }
  EXPECT_THAT(error_of(std::string(1025, 'x')), HasSubstr("has 1025 characters"));
  EXPECT_THAT(error_of(std::string(1 << 20, 'x')), HasSubstr("characters and needs 16 to 1024"));
}

TEST_F(token_file, what_a_header_cannot_hold_is_refused) {
  for (const std::string text : {"0123456789 abcdef", "0123456789\tabcdef",
                                 "0123456789\xc3\xa4"
                                 "abcdef",
                                 "0123456789\x7f"
                                 "abcdef"})
    EXPECT_THAT(error_of(text), HasSubstr("has blanks in it or characters that are not of ASCII")) << text;
  EXPECT_THAT(error_of(std::string("0123456789abcdef\0", 17)), HasSubstr("not of ASCII"));
}

TEST_F(token_file, what_cannot_be_read_is_named) {
  EXPECT_EQ(error(), "cannot read the token in '" + path + "': No such file or directory");
  path = directory;
  EXPECT_EQ(error(), "cannot read the token in '" + path + "': Is a directory");
}

TEST_F(token_file, a_pipe_that_nobody_writes_to_is_empty) {
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(error(), HasSubstr("has 0 characters"));
}

TEST_F(token_file, of_settings) {
  config::admin admin;
  EXPECT_EQ(token_of(admin), "");
  admin.token_file = path;
  EXPECT_THROW((void)token_of(admin), config::settings_error);
  admin.enabled = false;
  EXPECT_EQ(token_of(admin), "");
  admin.enabled = true;
  write("0123456789abcdef\n");
  EXPECT_EQ(token_of(admin), "0123456789abcdef");
}

}  // namespace
}  // namespace headgate::cli
