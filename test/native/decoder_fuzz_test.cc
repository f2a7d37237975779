// Whatever bytes come, nothing is read outside of them (the sanitizers watch) and the sum holds.
#include <random>

#include "batch/counters.h"
#include "check.h"
#include "record_maker.h"

namespace {

make::Bytes Valid(std::mt19937& random) {
  static constexpr weir_type kTypes[] = {
      WEIR_EXEC,   WEIR_FORK,   WEIR_EXIT,    WEIR_CONNECT,  WEIR_SEND,         WEIR_BIND,
      WEIR_CREATE, WEIR_RENAME, WEIR_SYMLINK, WEIR_DNS_SENT, WEIR_DNS_RECEIVED, WEIR_VERDICT};
  static constexpr int kKernelTypes = WEIR_RING_REQUEST - WEIR_EXEC_FAILED + 1;
  const size_t at = random() % (std::size(kTypes) + kKernelTypes);
  const auto type = at < std::size(kTypes)
                        ? kTypes[at]
                        : static_cast<weir_type>(WEIR_EXEC_FAILED + at - std::size(kTypes));
  const uint32_t pid = random() % 50;
  const uint32_t n = random() % 6;
  std::string text[WEIR_STRINGS];
  for (std::string& t : text) {
    t.resize(random() % 64);
    for (char& c : t) c = static_cast<char>(random());
  }
  switch (weir::ClassOf(type)) {
    case WEIR_CLASS_PROCESS:
      return make::Record(make::Exec(pid, pid * 10, n),
                          {text[0], text[1], text[2], text[3], text[4]});
    case WEIR_CLASS_SOCKET: {
      auto event = make::Socket(type, pid, pid * 10, n);
      event.family = static_cast<__u16>(random() % 12);
      return make::Record(event, {text[0], text[1]});
    }
    case WEIR_CLASS_KERNEL: {
      auto event = make::Kernel(type, pid, pid * 10, n);
      event.number = random() % 80;
      event.flags = random();
      event.h.flags = random() & 0x1fff;
      event.h.syscall = static_cast<__u16>(random() % 600);
      event.target_pid = random() % 50;
      event.target_start_time = event.target_pid * 10;
      event.target_self_exec_id = random() % 6;
      event.family = static_cast<__u16>(random() % 12);
      event.old.known = random() % 2;
      event.effective = random();
      memset(event.target_comm, 'c', sizeof event.target_comm);
      return make::Record(event, {text[0], text[1], text[2], text[3]});
    }
    case WEIR_CLASS_DNS: {
      auto event = make::Dns(type, pid, pid * 10, n);
      event.sock = random() % 8;
      event.protocol = random() % 2 == 0 ? 6 : 17;
      event.sequence = random() % 64;
      event.size = static_cast<__u32>(text[0].size() + (random() % 8 == 0));
      return make::Record(event, {text[0]});
    }
    case WEIR_CLASS_BEHAVIOR: {
      auto event = make::Verdict(pid, pid * 10, n);
      event.behavior = random() % (WEIR_BEHAVIORS + 2);
      event.scope = random() % 3;
      event.response = random() % 10;
      event.signal = random() % 64;
      memset(event.extension, 'x', sizeof event.extension);
      return make::Record(event, {});
    }
    case WEIR_CLASS_FILE:
      return make::Record(make::File(type, pid, pid * 10, n), {text[0], text[1]});
    default:
      if (type == WEIR_FORK) return make::Record(make::Fork(pid, pid * 10, n, random() % 50, 7));
      return make::Record(make::Exit(pid, pid * 10, n, random()));
  }
}

void Damage(make::Bytes& record, std::mt19937& random) {
  switch (random() % 4) {
    case 0:
      record.resize(random() % (record.size() + 1));
      break;
    case 1:
      for (int i = 0; i < 8; ++i) record[random() % record.size()] = static_cast<uint8_t>(random());
      break;
    case 2: {
      // Lengths that do not fit.
      const size_t at = offsetof(weir_header, string_length) + 2 * (random() % WEIR_STRINGS);
      record[at] = static_cast<uint8_t>(random());
      record[at + 1] = static_cast<uint8_t>(random());
      break;
    }
    default:
      break;
  }
}

}  // namespace

TEST(Fuzz, "no record, however broken, harms or goes uncounted") {
  std::mt19937 random(20261121);
  weir::Counters& counters = weir::TheCounters();
  weir::CacheLimits limits;
  limits.string_bytes = 4096;
  limits.processes = 40;
  limits.grace_ns = 0;
  auto decoder = make::Decoder({}, limits);
  int64_t fed = 0;
  int64_t rows = 0;
  for (int i = 0; i < 60'000; ++i) {
    make::Bytes record = Valid(random);
    if (i % 2 == 0) Damage(record, random);
    // In memory of its own, so that one byte too many is seen.
    const make::Bytes exact(record.begin(), record.end());
    decoder.Decode(exact.data(), exact.size(), i % 3 == 0 ? WEIR_CLASS_LIFECYCLE : WEIR_CLASS_FILE);
    ++fed;
    if (i % 97 == 0) decoder.EndPass();
    if (!decoder.full()) continue;
    for (const auto& batch : decoder.Seal()) rows += batch->rows;
  }
  for (const auto& batch : decoder.Seal()) rows += batch->rows;
  int64_t decoded = 0;
  int64_t lost = 0;
  for (int c = 0; c < weir::schema::kClassCount; ++c) {
    if (c != WEIR_CLASS_SEEN) decoded += counters.Get(weir::Stage::kDecoded, c);
    lost += counters.Get(weir::Stage::kLostDecode, c);
  }
  EQUAL(decoded, fed);
  const int64_t folded = counters.Get(weir::Stage::kFolded, WEIR_CLASS_DNS);
  const int64_t split = counters.Get(weir::Stage::kSplit, WEIR_CLASS_DNS);
  EQUAL(rows, fed - lost - folded + split + counters.Get(weir::Stage::kSeen, WEIR_CLASS_SEEN));
  TRUE(folded > 100);
  TRUE(lost > 1000);
}
