#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

#include "batch/caches.h"
#include "check.h"
#include "record_maker.h"

using namespace std::string_literals;
using weir::Identity;
namespace common = weir::schema::file_column;
namespace seen = weir::schema::seen_column;
namespace lifecycle = weir::schema::lifecycle_column;
namespace process = weir::schema::process_column;

namespace {

const Identity kBoot("test-boot");

make::Bytes ExecOf(uint32_t pid, uint64_t start, uint32_t n, std::string_view path) {
  return make::Record(make::Exec(pid, start, n), {path, "/", path, "", std::string(path) + '\0'});
}

// When this process began, in ns since boot, as the kernel's records would have it.
uint64_t OwnStart() {
  std::ifstream file("/proc/self/stat");
  std::string stat((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  return std::stoull(field) * 10'000'000 + 1234;
}

make::Bytes FileOf(uint32_t pid, uint64_t start, uint32_t n) {
  return make::Record(make::File(WEIR_CREATE, pid, start, n), {"/f", ""});
}

}  // namespace

TEST(Inherits, "a forked child has its parent's exec_id until it execs") {
  auto decoder = make::Decoder();
  make::Feed(decoder, ExecOf(1, 10, 4, "/bin/sh"));
  make::Feed(decoder, make::Record(make::Fork(2, 20, 4, 1, 10)));
  make::Feed(decoder, FileOf(2, 20, 4), WEIR_CLASS_FILE);
  make::Feed(decoder, ExecOf(2, 20, 5, "/bin/ls"));
  make::Feed(decoder, FileOf(2, 20, 5), WEIR_CLASS_FILE);
  const auto rows = make::Seal(decoder);
  const int64_t shell = Identity::ExecId(kBoot.ProcessId(1, 10), 4);
  EQUAL(rows[WEIR_CLASS_LIFECYCLE].I64(0, common::kExecId), shell);
  EQUAL(rows[WEIR_CLASS_LIFECYCLE].I64(0, common::kProcessId), kBoot.ProcessId(2, 20));
  EQUAL(rows[WEIR_CLASS_LIFECYCLE].Text(0, lifecycle::kCmdline), "/bin/sh");
  EQUAL(rows[WEIR_CLASS_FILE].I64(0, common::kExecId), shell);
  EQUAL(rows[WEIR_CLASS_FILE].Text(0, common::kPath), "/bin/sh");
  EQUAL(rows[WEIR_CLASS_FILE].Text(1, common::kPath), "/bin/ls");
  EQUAL(rows[WEIR_CLASS_FILE].I64(1, common::kParentProcessId), kBoot.ProcessId(1, 10));
  EQUAL(rows[WEIR_CLASS_PROCESS].Text(1, process::kParentPath), "/bin/sh");
  EQUAL(make::Count(rows[WEIR_CLASS_SEEN]), 2u);
}

TEST(LateRecords, "a record from before an exec keeps the image of its time") {
  auto decoder = make::Decoder();
  make::Feed(decoder, ExecOf(1, 10, 4, "/bin/sh"));
  make::Feed(decoder, ExecOf(1, 10, 5, "/bin/ls"));
  make::Feed(decoder, make::Record(make::Exit(1, 10, 5, 0)));
  make::Feed(decoder, FileOf(1, 10, 4), WEIR_CLASS_FILE);
  make::Feed(decoder, FileOf(1, 10, 5), WEIR_CLASS_FILE);
  const auto rows = make::Seal(decoder);
  EQUAL(rows[WEIR_CLASS_FILE].Text(0, common::kPath), "/bin/sh");
  EQUAL(rows[WEIR_CLASS_FILE].Text(1, common::kPath), "/bin/ls");
  EQUAL(make::Count(rows[WEIR_CLASS_SEEN]), 2u);
}

TEST(Creator, "with CLONE_PARENT the image is the creator's and the parent is the parent") {
  auto decoder = make::Decoder();
  make::Feed(decoder, ExecOf(1, 10, 1, "/bin/init"));
  make::Feed(decoder, ExecOf(2, 20, 2, "/bin/cloner"));
  auto fork = make::Fork(3, 30, 2, 1, 10);
  fork.creator_pid = 2;
  fork.creator_start_time = 20;
  make::Feed(decoder, make::Record(fork));
  const auto rows = make::Seal(decoder);
  EQUAL(rows[WEIR_CLASS_LIFECYCLE].Text(0, common::kPath), "/bin/cloner");
  EQUAL(rows[WEIR_CLASS_LIFECYCLE].U32(0, common::kParent), 1u);
}

TEST(Reuse, "a reused pid is another process") {
  auto decoder = make::Decoder();
  make::Feed(decoder, ExecOf(7, 10, 1, "/bin/old"));
  make::Feed(decoder, make::Record(make::Exit(7, 10, 1, 0)));
  make::Feed(decoder, ExecOf(7, 99, 1, "/bin/new"));
  make::Feed(decoder, FileOf(7, 10, 1), WEIR_CLASS_FILE);
  make::Feed(decoder, FileOf(7, 99, 1), WEIR_CLASS_FILE);
  const auto rows = make::Seal(decoder);
  EQUAL(rows[WEIR_CLASS_FILE].Text(0, common::kPath), "/bin/old");
  EQUAL(rows[WEIR_CLASS_FILE].Text(1, common::kPath), "/bin/new");
}

TEST(SeenOnce, "whatever comes first, an image is met once") {
  auto decoder = make::Decoder();
  make::Feed(decoder, FileOf(1, 10, 4), WEIR_CLASS_FILE);  // event
  make::Feed(decoder, FileOf(1, 10, 4), WEIR_CLASS_FILE);
  make::Feed(decoder, make::Record(make::Fork(2, 20, 4, 1, 10)));  // inherits
  make::Feed(decoder, make::Record(make::Fork(3, 30, 8, 9, 90)));  // parent never met
  make::Feed(decoder, FileOf(3, 30, 8), WEIR_CLASS_FILE);
  // Forked and execed before the seed, which overtakes both records.
  auto task = make::Exec(4, 40, 5);
  task.h.type = WEIR_TASK;
  const auto seed = make::Record(task, {"/bin/daemon", "/"});
  decoder.Seed(seed.data(), seed.size());
  make::Feed(decoder, make::Record(make::Fork(4, 40, 4, 1, 10)));
  make::Feed(decoder, ExecOf(4, 40, 5, "/bin/daemon"));
  const auto rows = make::Seal(decoder);
  std::multiset<int64_t> ids;
  for (uint32_t r = 0; r < make::Count(rows[WEIR_CLASS_SEEN]); ++r) {
    ids.insert(rows[WEIR_CLASS_SEEN].I64(r, common::kExecId));
  }
  EQUAL(ids.size(), 3u);
  EQUAL(std::set<int64_t>(ids.begin(), ids.end()).size(), 3u);
  EQUAL(rows[WEIR_CLASS_SEEN].Text(0, seen::kReason), "event");
  EQUAL(rows[WEIR_CLASS_SEEN].Text(2, seen::kReason), "seed");
  for (const int c : {WEIR_CLASS_FILE, WEIR_CLASS_LIFECYCLE, WEIR_CLASS_PROCESS}) {
    for (uint32_t r = 0; r < make::Count(rows[c]); ++r) {
      TRUE(ids.contains(rows[c].I64(r, common::kExecId)));
    }
  }
}

TEST(Reconciled, "who is found running again is met once, and by the image of now") {
  auto decoder = make::Decoder();
  const auto found = [&](uint32_t pid, uint64_t at, uint32_t exec, const char* path) {
    auto task = make::Exec(pid, at, exec);
    task.h.type = WEIR_TASK;
    const auto record = make::Record(task, {path, "/"});
    decoder.Seed(record.data(), record.size());
  };
  found(1, 10, 4, "/bin/shell");
  decoder.SeedDone();
  make::Feed(decoder, make::Record(make::Fork(2, 20, 4, 1, 10)));
  // Lost: the exec of 2, the fork and exec of 3.
  for (int again = 0; again < 2; ++again) {
    found(1, 10, 4, "/bin/shell");
    found(2, 20, 5, "/bin/later");
    found(3, 30, 6, "/bin/unheard");
  }
  make::Feed(decoder, FileOf(2, 20, 4), WEIR_CLASS_FILE);  // waited in the other ring
  make::Feed(decoder, FileOf(2, 20, 5), WEIR_CLASS_FILE);
  const auto rows = make::Seal(decoder);
  EQUAL(make::Count(rows[WEIR_CLASS_SEEN]), 3u);
  EQUAL(rows[WEIR_CLASS_SEEN].Text(1, common::kPath), "/bin/later");
  EQUAL(rows[WEIR_CLASS_SEEN].Text(2, common::kPath), "/bin/unheard");
  EQUAL(rows[WEIR_CLASS_FILE].Text(0, common::kPath), "/bin/shell");
  EQUAL(rows[WEIR_CLASS_FILE].Text(1, common::kPath), "/bin/later");
}

TEST(Restart, "known images keep their ids and are not met again") {
  const int64_t shell = kBoot.ProcessId(1, 10);
  const int64_t child = kBoot.ProcessId(2, 20);
  const int64_t execed = kBoot.ProcessId(3, 30);
  const int64_t image = Identity::ExecId(shell, 4);
  // The third inherited too, but has execed since.
  auto decoder = make::Decoder({{child, image}, {execed, image}, {shell, image}});
  const auto seed = [&](uint32_t pid, uint64_t start, uint32_t n, uint32_t parent, uint64_t at) {
    auto task = make::Exec(pid, start, n);
    task.h.type = WEIR_TASK;
    task.parent_pid = parent;
    task.parent_start_time = at;
    const auto record = make::Record(task, {"/bin/x", "/"});
    decoder.Seed(record.data(), record.size());
  };
  seed(1, 10, 4, 0, 0);
  seed(2, 20, 4, 1, 10);
  seed(3, 30, 5, 1, 10);
  decoder.SeedDone();
  make::Feed(decoder, FileOf(1, 10, 4), WEIR_CLASS_FILE);
  make::Feed(decoder, FileOf(2, 20, 4), WEIR_CLASS_FILE);
  make::Feed(decoder, FileOf(3, 30, 5), WEIR_CLASS_FILE);
  const auto rows = make::Seal(decoder);
  EQUAL(rows[WEIR_CLASS_FILE].I64(0, common::kExecId), image);
  EQUAL(rows[WEIR_CLASS_FILE].I64(1, common::kExecId), image);
  EQUAL(rows[WEIR_CLASS_FILE].I64(2, common::kExecId), Identity::ExecId(execed, 5));
  EQUAL(make::Count(rows[WEIR_CLASS_SEEN]), 1u);
}

TEST(Bounds, "the cache stays within its bounds and keeps the ids of the living") {
  weir::CacheLimits limits;
  limits.string_bytes = 1 << 20;
  limits.processes = 100'000;
  limits.grace_ns = INT64_MAX / 2;
  auto decoder = make::Decoder({}, limits);
  const std::string arguments(4000, 'a');
  for (uint32_t pid = 1; pid <= 5000; ++pid) {
    make::Feed(decoder,
               make::Record(make::Exec(pid, pid * 10, 1), {"/bin/x", "/", "x", "", arguments}));
    if (pid % 2 == 0) make::Feed(decoder, make::Record(make::Exit(pid, pid * 10, 1, 0)));
    if (pid % 100 == 0) {
      decoder.EndPass();
      decoder.Seal();
    }
  }
  decoder.EndPass();
  decoder.EndPass();
  decoder.EndPass();
  TRUE(decoder.cache().string_bytes() <= limits.string_bytes);
  TRUE(decoder.cache().size() < 5000);
  for (uint32_t pid = 1; pid <= 5000; pid += 2) {
    TRUE(decoder.cache().Find(kBoot.ProcessId(pid, pid * 10)) != nullptr);
  }
}

TEST(ProcessBytes, "the cache keeps to its bytes when none of its processes ends") {
  weir::CacheLimits limits;
  limits.string_bytes = 1 << 20;
  limits.processes = 3000;
  auto decoder = make::Decoder({}, limits);
  const auto before = weir::TheCache(weir::Cache::kProcesses).evicted.load();
  const std::string arguments(WEIR_ARGV_MAX, 'a');
  for (uint32_t pid = 1; pid <= 9000; ++pid) {
    const std::string_view some(arguments.data(), pid % 50 ? pid % 300 : arguments.size());
    make::Feed(decoder, make::Record(make::Exec(pid, pid * 10, 1), {"/bin/x", "/", "x", "", some}));
    // Forks that have not execed share an image.
    make::Feed(decoder, make::Record(make::Fork(pid + 10'000, pid * 10 + 1, 1, pid, pid * 10)));
    if (pid % 10 != 0) continue;
    decoder.EndPass();
    decoder.Seal();
    TRUE(decoder.cache().bytes() <= decoder.cache().max_bytes());
  }
  EQUAL(decoder.cache().size(), 3000u);
  const weir::CacheState& state = weir::TheCache(weir::Cache::kProcesses);
  TRUE(state.evicted > before + 15'000);
  EQUAL(state.entries.load(), 3000);
  EQUAL(state.max_bytes.load(), static_cast<int64_t>(decoder.cache().max_bytes()));
}

TEST(Grace, "an exited process is forgotten after its grace") {
  weir::CacheLimits limits;
  limits.grace_ns = 0;
  auto decoder = make::Decoder({}, limits);
  make::Feed(decoder, ExecOf(1, 10, 4, "/bin/sh"));
  make::Feed(decoder, make::Record(make::Exit(1, 10, 4, 0)));
  decoder.EndPass();
  EQUAL(decoder.cache().size(), 1u);  // the noisy ring may still hold its records
  decoder.EndPass();
  EQUAL(decoder.cache().size(), 0u);
}

TEST(UntoldExits, "a process whose end was not told is found out and forgotten") {
  char root[] = "/tmp/weir-proc-XXXXXX";
  TRUE(mkdtemp(root) != nullptr);
  const std::string self = std::string(root) + "/self";
  const std::string living = std::string(root) + "/1";
  TRUE(mkdir(self.c_str(), 0700) == 0 && mkdir(living.c_str(), 0700) == 0);
  weir::CacheLimits limits;
  limits.grace_ns = 0;
  weir::ProcessCache cache(kBoot, weir::ProcReader(root), {}, limits);
  cache.Exec(make::Exec(1, 10, 4), {});
  cache.Exec(make::Exec(2, 20, 4), {});
  for (int64_t second = 1; second <= 4; ++second) cache.EndPass(second * 1'000'000'000);
  rmdir(self.c_str());
  rmdir(living.c_str());
  rmdir(root);
  TRUE(cache.Find(kBoot.ProcessId(1, 10)) != nullptr);
  TRUE(cache.Find(kBoot.ProcessId(2, 20)) == nullptr);
}

TEST(FromProc, "a process met in an event is completed from /proc, when it is the same one") {
  const uint64_t start = OwnStart();
  weir::ProcessCache cache(kBoot, weir::ProcReader(), {});
  const auto event = make::File(WEIR_CREATE, static_cast<uint32_t>(getpid()), start, 3);
  const weir::Actor actor = cache.Resolve(event.h);
  TRUE(actor.first_met);
  TRUE(actor.image->from_proc);
  TRUE(actor.image->path.ends_with("sensor_test"));
  TRUE(actor.image->arguments.find("completed from /proc") != std::string::npos);
  EQUAL(actor.process->parent_pid, static_cast<uint32_t>(getppid()));
  // The same pid, begun at another time: somebody else.
  const auto other =
      make::File(WEIR_CREATE, static_cast<uint32_t>(getpid()), start + 20'000'000, 3);
  EQUAL(cache.Resolve(other.h).image->path, "");
}

TEST(RepairedArguments,
     "arguments that the kernel could not read come from /proc, if they are these") {
  std::ifstream line("/proc/self/cmdline");
  const std::string arguments((std::istreambuf_iterator<char>(line)), {});
  char self[4096] = {};
  TRUE(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
  const auto row = [&](std::string_view path, size_t size) {
    weir::Decoder decoder(Identity("test-boot"), weir::ProcReader(), {});
    auto event = make::Exec(getpid(), OwnStart(), 4);
    event.h.flags = WEIR_F_FAULT | WEIR_F_TRUNCATED(4);
    event.argv_size = size;
    make::Feed(decoder, make::Record(event, {path, "/", path, "", ""}));
    return make::Seal(decoder);
  };
  const auto repaired = row(self, arguments.size());
  for (const int event_class : {WEIR_CLASS_PROCESS, WEIR_CLASS_SEEN}) {
    EQUAL(repaired[event_class].Text(0, common::kSource), "proc");
    EQUAL(repaired[event_class].Text(0, common::kTruncated), "");
  }
  const std::string first(arguments.c_str());
  TRUE(repaired[WEIR_CLASS_PROCESS].Text(0, process::kCmdline).starts_with(first));
  // Another image by now; or the process has changed what it shows.
  for (const auto& other : {row("/bin/another", arguments.size()), row(self, 3)}) {
    EQUAL(other[WEIR_CLASS_PROCESS].Text(0, process::kCmdline), "NULL");
    EQUAL(other[WEIR_CLASS_PROCESS].Text(0, process::kSource), "kernel");
    EQUAL(other[WEIR_CLASS_PROCESS].Text(0, common::kTruncated), "cmdline,json_cmdline");
  }
}
