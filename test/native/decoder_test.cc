#include <errno.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

#include "batch/counters.h"
#include "check.h"
#include "record_maker.h"

using namespace std::string_literals;
namespace process = weir::schema::process_column;
namespace lifecycle = weir::schema::lifecycle_column;
namespace socket_row = weir::schema::socket_column;
namespace file = weir::schema::file_column;
namespace seen = weir::schema::seen_column;
namespace kernel = weir::schema::kernel_column;

TEST(ExecRow, "an exec is a row of process and one of seen") {
  auto decoder = make::Decoder();
  auto event = make::Exec(10, 5000, 3);
  event.h.uid = 1000;
  event.h.flags = WEIR_F_TRUNCATED(4);
  event.exe_dev = (8u << 20) | 1;
  event.argv_size = 99'999;
  strcpy(event.tty, "pts0");
  make::Feed(decoder, make::Record(event, {"/usr/bin/python3", "/home", "./x.py", "/usr/bin/env",
                                           "env\0./x.py\0"s}));
  const auto rows = make::Seal(decoder);
  const make::Rows& row = rows[WEIR_CLASS_PROCESS];
  EQUAL(make::Count(row), 1u);
  EQUAL(row.Text(0, process::kPath), "/usr/bin/python3");
  EQUAL(row.Text(0, process::kCwd), "/home");
  EQUAL(row.Text(0, process::kFilename), "./x.py");
  EQUAL(row.Text(0, process::kScript), "/home/x.py");
  EQUAL(row.Text(0, process::kInterpreter), "/usr/bin/env");
  EQUAL(row.Text(0, process::kCmdline), "env ./x.py");
  EQUAL(row.Text(0, process::kJsonCmdline), R"(["env","./x.py"])");
  EQUAL(row.Text(0, process::kTruncated), "cmdline,json_cmdline");
  EQUAL(row.Text(0, process::kSource), "kernel");
  EQUAL(row.Text(0, process::kTty), "pts0");
  EQUAL(row.U32(0, process::kUid), 1000u);
  EQUAL(row.U32(0, process::kCmdlineSize), 99'999u);
  EQUAL(row.I64(0, process::kDev), static_cast<int64_t>(makedev(8, 1)));
  const make::Rows& met = rows[WEIR_CLASS_SEEN];
  EQUAL(make::Count(met), 1u);
  EQUAL(met.Text(0, seen::kReason), "exec");
  EQUAL(met.I64(0, seen::kExecId), row.I64(0, process::kExecId));
}

TEST(NoScript, "without an interpreter there is no script") {
  auto decoder = make::Decoder();
  make::Feed(decoder, make::Record(make::Exec(10, 5000, 3),
                                   {"/usr/bin/id", "/", "/usr/bin/id", "/usr/bin/id", "id\0"s}));
  const auto rows = make::Seal(decoder);
  EQUAL(rows[WEIR_CLASS_PROCESS].Text(0, process::kScript), "NULL");
  EQUAL(rows[WEIR_CLASS_PROCESS].Text(0, process::kInterpreter), "NULL");
}

TEST(ExitRows, "an exit tells its code, a death its signal") {
  auto decoder = make::Decoder();
  make::Feed(decoder, make::Record(make::Exit(1, 10, 1, 7 << 8)));
  make::Feed(decoder, make::Record(make::Exit(2, 20, 1, 9 | 0x80)));
  const auto rows = make::Seal(decoder);
  const make::Rows& row = rows[WEIR_CLASS_LIFECYCLE];
  EQUAL(row.I64(0, lifecycle::kExitCode), 7);
  EQUAL(row.I64(0, lifecycle::kExitSignal), weir::kNullI64);
  EQUAL(row.I64(1, lifecycle::kExitCode), weir::kNullI64);
  EQUAL(row.I64(1, lifecycle::kExitSignal), 9);
  EQUAL(row.I64(0, lifecycle::kDurationNs), 1000);
}

TEST(SocketRows, "sockets show both ends, outcome and identity") {
  auto decoder = make::Decoder();
  auto connect = make::Socket(WEIR_CONNECT, 1, 10, 1);
  connect.family = AF_INET;
  connect.fd = 5;
  connect.result = -ECONNREFUSED;
  connect.remote_port = 443;
  const uint8_t remote[4] = {192, 0, 2, 1};
  memcpy(connect.remote_address, remote, 4);
  make::Feed(decoder, make::Record(connect));
  connect.result = -EINPROGRESS;
  connect.h.op_id = 77;
  make::Feed(decoder, make::Record(connect));
  connect.h.type = WEIR_CONNECT_RESULT;
  connect.result = 0;
  make::Feed(decoder, make::Record(connect));
  auto send = make::Socket(WEIR_SEND, 1, 10, 1);
  send.family = AF_UNIX;
  make::Feed(decoder, make::Record(send, {"", "\0name"s}));
  make::Feed(decoder, make::Record(send, {"", "\0name"s}));
  make::Feed(decoder, make::Record(send, {"", "\0other"s}));
  auto mapped = make::Socket(WEIR_ACCEPT, 1, 10, 1);
  mapped.family = AF_INET6;
  mapped.remote_address[10] = mapped.remote_address[11] = 0xff;
  mapped.remote_address[12] = 10;
  make::Feed(decoder, make::Record(mapped));

  const auto all = make::Seal(decoder);
  const make::Rows& row = all[WEIR_CLASS_SOCKET];
  EQUAL(make::Count(row), 7u);
  EQUAL(row.Text(0, socket_row::kStatus), "failed");
  EQUAL(row.I64(0, socket_row::kError), ECONNREFUSED);
  EQUAL(row.Text(0, socket_row::kRemoteAddress), "192.0.2.1");
  EQUAL(row.I64(0, socket_row::kFd), 5);
  EQUAL(row.I64(0, socket_row::kIdentity), 0);
  EQUAL(row.Text(1, socket_row::kStatus), "in_progress");
  EQUAL(row.Text(2, socket_row::kStatus), "succeeded");
  EQUAL(row.Text(2, socket_row::kAction), "connect");
  EQUAL(row.I64(1, socket_row::kOpId), row.I64(2, socket_row::kOpId));
  TRUE(row.I64(0, socket_row::kOpId) != row.I64(1, socket_row::kOpId));
  EQUAL(row.Text(3, socket_row::kRemotePath), "@name");
  EQUAL(row.Text(3, socket_row::kRemoteAddress), "NULL");
  EQUAL(row.I64(3, socket_row::kFd), weir::kNullI64);
  TRUE(row.I64(3, socket_row::kIdentity) != 0);
  EQUAL(row.I64(3, socket_row::kIdentity), row.I64(4, socket_row::kIdentity));
  TRUE(row.I64(3, socket_row::kIdentity) != row.I64(5, socket_row::kIdentity));
  EQUAL(row.U32(6, socket_row::kFamily), uint32_t{AF_INET});
  EQUAL(row.Text(6, socket_row::kRemoteAddress), "10.0.0.0");
}

TEST(KernelRows, "a target is named by what the kernel says of it, not by its pid") {
  auto decoder = make::Decoder();
  make::Feed(decoder, make::Record(make::Exec(1, 10, 1), {"/bin/kill"}));
  make::Feed(decoder, make::Record(make::Exec(2, 20, 4), {"/bin/victim"}));
  auto event = make::Kernel(WEIR_SIGNAL, 1, 10, 1);
  event.number = 9;
  event.target_pid = event.target_tid = 2;
  event.target_start_time = 20;
  event.target_self_exec_id = 4;
  make::Feed(decoder, make::Record(event));
  make::Feed(decoder, make::Record(event));
  // The same pid, another process; and the same process, running something not known.
  event.target_start_time = 21;
  make::Feed(decoder, make::Record(event));
  event.target_start_time = 20;
  event.target_self_exec_id = 5;
  event.result = -EPERM;
  event.number = 70;
  make::Feed(decoder, make::Record(event));

  const auto all = make::Seal(decoder);
  const make::Rows& row = all[WEIR_CLASS_KERNEL];
  EQUAL(make::Count(row), 4u);
  EQUAL(row.Text(0, kernel::kAction), "signal");
  EQUAL(row.Text(0, kernel::kKind), "SIGKILL");
  EQUAL(row.Text(0, kernel::kOutcome), "delivered");
  EQUAL(row.I64(0, kernel::kError), 0);
  EQUAL(row.Text(0, kernel::kTargetPath), "/bin/victim");
  EQUAL(row.I64(0, kernel::kTargetExecId), all[WEIR_CLASS_PROCESS].I64(1, process::kExecId));
  EQUAL(row.I64(0, kernel::kTargetProcessId), all[WEIR_CLASS_PROCESS].I64(1, process::kProcessId));
  TRUE(row.I64(0, kernel::kIdentity) != 0);
  EQUAL(row.I64(0, kernel::kIdentity), row.I64(1, kernel::kIdentity));
  TRUE(row.I64(2, kernel::kTargetProcessId) != row.I64(0, kernel::kTargetProcessId));
  TRUE(row.I64(2, kernel::kIdentity) != row.I64(0, kernel::kIdentity));
  EQUAL(row.Text(2, kernel::kTargetPath), "NULL");
  EQUAL(row.I64(2, kernel::kTargetExecId), weir::kNullI64);
  EQUAL(row.I64(3, kernel::kTargetExecId), weir::kNullI64);
  EQUAL(row.I64(3, kernel::kError), EPERM);
  EQUAL(row.Text(3, kernel::kOutcome), "NULL");
  EQUAL(row.Text(3, kernel::kKind), "NULL");
}

TEST(CredentialRows, "what changes credentials is never folded, and names what was gained") {
  auto decoder = make::Decoder();
  auto event = make::Kernel(WEIR_CREDENTIALS, 1, 10, 1);
  event.number = WEIR_CREDENTIALS_UNEXPLAINED;
  event.old.known = 1;
  event.old.ids[0] = event.old.ids[4] = 1000;
  event.old.effective = 1u << 5;
  event.effective = (1u << 5) | (1u << 21) | (1ull << 60);
  make::Feed(decoder, make::Record(event));
  event.old.known = 0;
  event.number = WEIR_CREDENTIALS_CALL;
  make::Feed(decoder, make::Record(event));

  const auto all = make::Seal(decoder);
  const make::Rows& row = all[WEIR_CLASS_KERNEL];
  EQUAL(row.Text(0, kernel::kAction), "credentials_unexplained");
  EQUAL(row.I64(0, kernel::kOldUid), 1000);
  EQUAL(row.I64(0, kernel::kOldEuid), 1000);
  EQUAL(row.I64(0, kernel::kOldGid), 0);
  EQUAL(row.Text(0, kernel::kGained), "CAP_SYS_ADMIN,CAP_60");
  EQUAL(row.I64(0, kernel::kIdentity), 0);
  EQUAL(row.Text(1, kernel::kAction), "credentials_set");
  EQUAL(row.I64(1, kernel::kOldUid), weir::kNullI64);
  EQUAL(row.Text(1, kernel::kGained), "NULL");
}

TEST(FileRows, "a file row says what, who and where its path came from") {
  auto decoder = make::Decoder();
  make::Feed(decoder,
             make::Record(make::Exec(1, 10, 2), {"/bin/mv", "/srv", "mv", "", "mv\0a\0b\0"s}));
  auto rename = make::File(WEIR_RENAME, 1, 10, 2);
  rename.h.flags = WEIR_F_USER(1) | WEIR_F_TRUNCATED(0);
  make::Feed(decoder, make::Record(rename, {"/srv/a\xff\n", "/srv/b"}), WEIR_CLASS_FILE);
  make::Feed(decoder, make::Record(rename, {"/srv/a\xff\n", "/srv/c"}), WEIR_CLASS_FILE);
  const auto rows = make::Seal(decoder);
  const make::Rows& row = rows[WEIR_CLASS_FILE];
  EQUAL(row.Text(0, file::kAction), "rename");
  EQUAL(row.Text(0, file::kTargetPath), "/srv/a\xff\n");
  EQUAL(row.Text(0, file::kDestPath), "/srv/b");
  EQUAL(row.Text(0, file::kPath), "/bin/mv");
  EQUAL(row.Text(0, file::kCwd), "/srv");
  EQUAL(row.Text(0, file::kSource), "user");
  EQUAL(row.Text(0, file::kTruncated), "target_path");
  TRUE(row.I64(0, file::kIdentity) != row.I64(1, file::kIdentity));
  EQUAL(row.I64(0, file::kExecId), rows[WEIR_CLASS_PROCESS].I64(0, process::kExecId));
}

TEST(SealOrder, "who comes before what was done, and text bounds a batch") {
  auto decoder = make::Decoder();
  make::Feed(decoder, make::Record(make::File(WEIR_CREATE, 1, 10, 1), {"/x", ""}), WEIR_CLASS_FILE);
  make::Feed(decoder, make::Record(make::Exec(2, 20, 1), {"/bin/a", "/", "a", "", "a\0"s}));
  const auto batches = decoder.Seal();
  EQUAL(batches.size(), 3u);
  EQUAL(batches[0]->event_class, int{WEIR_CLASS_SEEN});
  EQUAL(batches[1]->event_class, int{WEIR_CLASS_PROCESS});
  EQUAL(batches[2]->event_class, int{WEIR_CLASS_FILE});
  EQUAL(decoder.rows(), 0u);

  const std::string argument(30'000, 'x');
  int execs = 0;
  for (; !decoder.full() && execs < 4096; ++execs) {
    make::Feed(decoder, make::Record(make::Exec(3, 30, execs),
                                     {"/bin/a", "/", "a", "", argument + std::to_string(execs)}));
  }
  TRUE(execs < 100);
}

TEST(Counting, "each record is decoded once, a senseless one is lost") {
  weir::Counters& counters = weir::TheCounters();
  auto decoder = make::Decoder();
  const auto bad = make::Bytes(sizeof(weir_header), 0xff);
  make::Feed(decoder, bad, WEIR_CLASS_FILE);
  EQUAL(counters.Get(weir::Stage::kDecoded, WEIR_CLASS_FILE), 1);
  EQUAL(counters.Get(weir::Stage::kLostDecode, WEIR_CLASS_FILE), 1);
  make::Feed(decoder, make::Record(make::File(WEIR_CREATE, 1, 10, 1), {"/x", ""}), WEIR_CLASS_FILE);
  EQUAL(counters.Get(weir::Stage::kDecoded, WEIR_CLASS_FILE), 2);
  EQUAL(counters.Get(weir::Stage::kLostDecode, WEIR_CLASS_FILE), 1);
  EQUAL(counters.Get(weir::Stage::kSeen, WEIR_CLASS_SEEN), 1);
  EQUAL(counters.Get(weir::Stage::kSubmitted, WEIR_CLASS_SEEN), 1);
}

TEST(UnreadAddress, "an address that could not be read is named in truncated") {
  auto decoder = make::Decoder();
  auto send = make::Socket(WEIR_SEND, 1, 10, 1);
  send.family = AF_INET;
  send.h.flags = WEIR_F_FAULT;
  make::Feed(decoder, make::Record(send));
  auto bind = make::Socket(WEIR_BIND, 1, 10, 1);
  bind.h.flags = WEIR_F_FAULT | WEIR_F_ADDRESS_USER;
  make::Feed(decoder, make::Record(bind));
  const auto rows = make::Seal(decoder);
  EQUAL(rows[WEIR_CLASS_SOCKET].Text(0, socket_row::kTruncated), "remote_address");
  EQUAL(rows[WEIR_CLASS_SOCKET].Text(1, socket_row::kTruncated), "local_address");
}
