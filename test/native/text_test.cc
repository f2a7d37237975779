#include "sensor/text.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "check.h"

using namespace std::string_literals;
using namespace weir;

TEST(Addresses, "addresses are canonical text") {
  const auto v6 = [](const char* text) {
    uint8_t address[16];
    inet_pton(AF_INET6, text, address);
    return AddressText(AF_INET6, address);
  };
  EQUAL(v6("2001:0db8:0:0:0:0:0:0001"), "2001:db8::1");
  EQUAL(v6("::"), "::");
  EQUAL(v6("::ffff:192.0.2.7"), "192.0.2.7");
  const uint8_t loopback[16] = {127, 0, 0, 1};
  EQUAL(AddressText(AF_INET, loopback), "127.0.0.1");
  EQUAL(AddressText(AF_UNIX, loopback), "");
}

TEST(UnixNames, "an abstract socket name shows @ for each NUL") {
  EQUAL(UnixName("/run/a b"), "/run/a b");
  EQUAL(UnixName("\0x\0y"s), "@x@y");
  EQUAL(UnixName(""), "");
}

TEST(Arguments, "arguments are joined with one space and listed exactly") {
  EQUAL(JoinArguments("a\0b c\0\0d\0"s), "a b c  d");
  EQUAL(JsonArguments("a\0b c\0\0d\0"s), R"(["a","b c","","d"])");
  EQUAL(JsonArguments("a\0"s), R"(["a"])");
  EQUAL(JsonArguments("cut here"), R"(["cut here"])");
  EQUAL(JsonArguments("\0"s), R"([""])");
  EQUAL(JsonArguments(""), "[]");
  EQUAL(JsonArguments("\"\\\n\x01\0"s), R"(["\"\\\u000a\u0001"])");
}

TEST(BrokenUtf8, "broken UTF-8 becomes one replacement for each broken piece") {
  EQUAL(JsonArguments("\xff\xfe\0"s), "[\"\xef\xbf\xbd\xef\xbf\xbd\"]");
  EQUAL(JsonArguments("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\0"s),
        "[\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"]");
  EQUAL(JsonArguments("\xe2\x82\0"s), "[\"\xef\xbf\xbd\"]");  // cut off
  EQUAL(JsonArguments("\xed\xa0\x80\0"s),
        "[\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"]");                    // surrogate
  EQUAL(JsonArguments("\xc0\xaf\0"s), "[\"\xef\xbf\xbd\xef\xbf\xbd\"]");  // overlong
}

TEST(Paths, "a relative name is seen from its directory") {
  EQUAL(Absolute("/home/x", "./run.sh"), "/home/x/run.sh");
  EQUAL(Absolute("/", "run.sh"), "/run.sh");
  EQUAL(Absolute("/home", "/bin/sh"), "/bin/sh");
  EQUAL(Absolute("", "run.sh"), "run.sh");
}
