// DNS messages as they should be, and as nobody should send them.
#include <random>

#include "batch/caches.h"
#include "check.h"
#include "sensor/dns_data.h"
#include "sensor/dns_message.h"
#include "sensor/dns_reader.h"
#include "sensor/dns_streams.h"

using namespace std::string_literals;
using namespace weir;

namespace {

std::string U16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string Header(unsigned flags, unsigned questions, unsigned answers, unsigned additional = 0) {
  return U16(0x1234) + U16(flags) + U16(questions) + U16(answers) + U16(0) + U16(additional);
}

std::string Record(const std::string& name, unsigned type, const std::string& data) {
  return name + U16(type) + U16(1) + U16(0) + U16(300) + U16(data.size()) + data;
}

const std::string kQuestion = "\3www\4weir\4test\0"s + U16(1) + U16(1);
const std::string kThatName = "\xc0\x0c";

// In memory of its own, so that one byte too many is seen by the sanitizers.
DnsMessage Parse(const std::string& bytes, bool cut = false) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return ParseDns({exact.data(), exact.size()}, cut);
}

std::string DataOf(unsigned type, const std::string& data) {
  const DnsMessage message =
      Parse(Header(0x8180, 1, 1) + kQuestion + Record(kThatName, type, data));
  return message.error.empty() ? message.answers.at(0).data : message.error;
}

}  // namespace

TEST(DnsQuestions, "DNS: a question") {
  const DnsMessage message = Parse(Header(0x0100, 1, 0) + kQuestion);
  EQUAL(message.error, "");
  EQUAL(message.query, "www.weir.test");
  EQUAL(DnsTypeName(message.query_type), "A");
  EQUAL(DnsClassName(message.query_class), "IN");
  EQUAL(message.id, 0x1234);
  TRUE(!message.is_answer());
}

TEST(DnsAnswers, "DNS: answers, with pointers and EDNS's upper bits of the outcome") {
  std::string opt = "\0"s + U16(41) + U16(1232) + "\1\0\0\0"s + U16(0);
  const DnsMessage message =
      Parse(Header(0x8180, 1, 2, 1) + kQuestion + Record(kThatName, 5, "\4real\xc0\x10") +
            Record("\xc0\x2b", 1, "\x7f\0\0\7"s) + opt);
  EQUAL(message.error, "");
  EQUAL(message.rcode, 16);
  EQUAL(DnsRcodeName(message.rcode), "BADVERS");
  EQUAL(message.answers.size(), 2u);
  EQUAL(message.answers[0].data, "real.weir.test");
  EQUAL(message.answers[1].name, "real.weir.test");
  EQUAL(DnsAnswersJson(message.answers),
        R"([{"name":"www.weir.test","type":"CNAME","ttl":300,"data":"real.weir.test"},)"
        R"({"name":"real.weir.test","type":"A","ttl":300,"data":"127.0.0.7"}])");
}

TEST(DnsNames, "DNS: names as zone files write them") {
  const auto query = [](const std::string& name) {
    return Parse(Header(0x0100, 1, 0) + name + U16(1) + U16(1)).query;
  };
  EQUAL(query("\0"s), ".");
  EQUAL(query("\5a.b\\c\0"s), "a\\.b\\\\c");
  EQUAL(query("\4\"\n\0\xff\0"s), "\"\\010\\000\\255");
}

TEST(DnsKinds, "DNS: data of each type, and of those without a form") {
  EQUAL(DataOf(28, "\x20\1\x0d\xb8"s + std::string(11, '\0') + "\1"), "2001:db8::1");
  EQUAL(DataOf(15, U16(10) + "\4mail\0"s), "10 mail");
  EQUAL(DataOf(16, "\3a b\2\"\1"s), "\"a b\" \"\\\"\\001\"");
  EQUAL(DataOf(33, U16(1) + U16(2) + U16(853) + kThatName), "1 2 853 www.weir.test");
  EQUAL(DataOf(257, "\0\5issueca\"x"s), "0 issue \"ca\\\"x\"");
  EQUAL(DataOf(65, U16(1) + "\0\0\1\0\2h2"s), "1 . \\# 6 000100026832");
  EQUAL(DataOf(65280, "\1\2"s), "\\# 2 0102");
  EQUAL(DataOf(1, "\1\2"s), "\\# 2 0102");  // not four bytes
  EQUAL(DataOf(5, "\x05real"s), "\\# 5 057265616c");
  EQUAL(DataOf(10, ""), "\\# 0");
}

TEST(DnsBroken, "DNS: pointers that go round, forward or out, and counts that lie") {
  EQUAL(Parse("").error, "shorter than a header");
  const auto question = [](const std::string& name) {
    return Parse(Header(0x0100, 1, 0) + name + U16(1) + U16(1)).error;
  };
  EQUAL(question("\xc0\x0c"), "broken question");     // itself
  EQUAL(question("\1a\xc0\x0c"), "broken question");  // the name that it ends
  EQUAL(question("\xc0\x20"), "broken question");     // forward
  EQUAL(question("\xff\xff"), "broken question");     // out
  EQUAL(question("\x40"
                 "a"),
        "broken question");  // a kind of label never used
  EQUAL(question("\x3f"
                 "abc"),
        "broken question");  // beyond the end
  std::string longest;
  for (int i = 0; i < 64; ++i) longest += "\3abc";
  EQUAL(question(longest + "\0"s), "broken question");  // 257 bytes
  EQUAL(Parse(Header(0x8180, 1, 9) + kQuestion).error, "broken answer");
  // Of a packet that was cut, what is there counts.
  const DnsMessage cut =
      Parse(Header(0x8180, 1, 2) + kQuestion + Record(kThatName, 1, "\1\2\3\4"), true);
  EQUAL(cut.error, "");
  TRUE(cut.answers_cut);
  EQUAL(cut.answers.size(), 1u);
}

TEST(DnsBounds, "DNS: a small packet that says a long name many times over stays small") {
  std::string name;
  for (int i = 0; i < 3; ++i) name += "\x3f" + std::string(63, '\xff');
  std::string bytes = Header(0x8180, 1, 1000) + name + "\0"s + U16(1) + U16(1);
  for (int i = 0; i < 1000; ++i) bytes += Record(kThatName, 5, kThatName);
  const DnsMessage message = Parse(bytes);
  EQUAL(message.error, "");
  TRUE(message.answers_cut);
  TRUE(DnsAnswersJson(message.answers).size() < 3 * kDnsTextMax);
}

TEST(DnsFuzz, "DNS: no message, however broken, harms or grows beyond bounds") {
  std::mt19937 random(20261121);
  const std::string valid = Header(0x8180, 1, 3, 1) + kQuestion +
                            Record(kThatName, 5, "\4real\xc0\x10") +
                            Record("\xc0\x2b", 16, "\3a b\2cd") +
                            Record("\xc0\x2b", 6, "\1a\xc0\x0c\xc0\x0c" + std::string(20, 'x')) +
                            "\0"s + U16(41) + U16(1232) + "\1\0\0\0"s + U16(0);
  int sound = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = valid;
    const int changes = static_cast<int>(random() % 8);
    for (int k = 0; k < changes; ++k) {
      // Pointers are what hurts, so there are many.
      bytes[random() % bytes.size()] = static_cast<char>(random() % 3 == 0 ? 0xc0 : random());
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    const DnsMessage message = Parse(bytes, random() % 2 == 0);
    sound += message.error.empty();
    TRUE(message.query.size() <= 4 * 255);
    const std::string json = DnsAnswersJson(message.answers);
    TRUE(json.size() < 3 * kDnsTextMax);
    for (const char c : json) TRUE(c >= 0x20 && c < 0x7f);
  }
  TRUE(sound > 1000 && sound < 199'000);
}

TEST(DnsPieces, "DNS over TCP: however a stream is cut and shuffled, the same messages") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> sent;
    std::string stream;
    for (unsigned i = 0, n = 1 + random() % 5; i < n; ++i) {
      sent.push_back(std::string(random() % 300, static_cast<char>('a' + i)));
      stream += U16(sent.back().size()) + sent.back();
    }
    struct Piece {
      uint32_t at;
      std::string bytes;
    };
    const uint32_t first = round % 2 == 0 ? 0xffffff80u : random();  // numbers go round
    std::vector<Piece> pieces;
    for (size_t at = 0; at < stream.size();) {
      const size_t size = std::min<size_t>(1 + random() % 200, stream.size() - at);
      pieces.push_back({first + static_cast<uint32_t>(at), stream.substr(at, size)});
      at += size;
    }
    // The first stays the first; neighbours change places, and some come twice.
    for (size_t i = 2; i < pieces.size(); ++i) {
      if (random() % 3 == 0) std::swap(pieces[i], pieces[i - 1]);
    }
    for (size_t i = 1; i < pieces.size(); i += 3) pieces.push_back(pieces[i]);
    DnsStreams streams;
    std::vector<std::string> got;
    for (const Piece& piece : pieces) {
      for (std::string& message : streams.Add(42, piece.at, piece.bytes, 0).messages) {
        got.push_back(std::move(message));
      }
    }
    TRUE(got == sent);
  }
}

TEST(DnsStreamEnds, "DNS over TCP: a stream that cannot be followed is given up, others go on") {
  DnsStreams streams;
  TRUE(streams.Add(1, 100, "\0"s, 0).messages.empty());
  // The packet was longer than what the kernel hands over.
  TRUE(streams.Add(1, 101, "\xff"s, 5000).lost);
  TRUE(streams.Add(1, 5102, "\0\1a"s, 0).lost);
  EQUAL(streams.Add(2, 1, "\0\1a"s, 0).messages.size(), 1u);
  streams.GiveUp(2);
  TRUE(streams.Add(2, 4, "\0\1a"s, 0).lost);
  // Far more streams than are kept: each still works from its first piece on.
  for (uint64_t socket = 10; socket < 2000; ++socket) {
    EQUAL(streams.Add(socket, 9, "\0\1a"s, 0).messages.size(), 1u);
  }
}

TEST(DnsStreamBytes, "DNS over TCP: what waits keeps to its bytes, whoever sends it") {
  DnsStreams streams;
  CacheState& state = TheCache(Cache::kDnsStreams);
  const int64_t before = state.evicted;
  const std::string piece(16384, 'x');
  for (uint64_t socket = 1; socket <= 1000; ++socket) {
    // A message that never ends, and pieces behind a gap.
    streams.Add(socket, 1, "\xff\xff"s + piece, 0);
    for (uint32_t i = 1; i <= 20; ++i) streams.Add(socket, i * 20'000, piece, 0);
    TRUE(streams.bytes() <= DnsStreams::max_bytes());
  }
  TRUE(streams.bytes() > DnsStreams::max_bytes() / 8);
  TRUE(state.evicted > before);
  EQUAL(state.bytes.load(), static_cast<int64_t>(streams.bytes()));
}
