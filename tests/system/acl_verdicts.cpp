// Answers questions by the rules of an ACL file, for tests that compare them with other servers: `acl_verdicts FILE`
// reads lines of client id, user name, topic and "read" or "write", divided by tabs, and prints "yes" or "no" for each.

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "proxy/auth/acl_file.hpp"

int main(int argc, char** argv) {
  using namespace headgate::proxy::auth;
  if (argc != 2) return 2;
  std::ifstream file(argv[1]);
  std::stringstream text;
  text << file.rdbuf();
  const auto parsed = parse_acl_file(text.str());
  if (!file || !parsed.errors.empty()) {
    std::cerr << describe(argv[1], parsed.errors);
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream fields(line);
    std::string client_id;
    std::string user_name;
    std::string topic;
    std::string wanted;
    std::getline(fields, client_id, '\t');
    std::getline(fields, user_name, '\t');
    std::getline(fields, topic, '\t');
    std::getline(fields, wanted, '\t');
    const auto may = wanted == "read" ? may_read : may_write;
    std::cout << (may(parsed.rules, {client_id, user_name}, topic) ? "yes\n" : "no\n");
  }
  return 0;
}
