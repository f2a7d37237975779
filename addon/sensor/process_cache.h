// Who runs what: from process_id to the image, so that every event names its executable and its
// exec_id. Reader thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sensor/identity.h"
#include "sensor/proc_reader.h"
#include "weir.h"

namespace weir {

// What a process has been running since one exec. Shared by forked children that have not execed.
struct Image {
  int64_t exec_id = 0;
  uint32_t self_exec_id = 0;
  std::string path;
  std::string arguments;  // each ended by NUL
  std::string cwd;        // at exec, or when first met
  bool path_cut = false;
  bool arguments_cut = false;
  bool from_proc = false;
  bool forgotten = false;  // strings were given up for memory: /proc may have them again
};
using ImagePtr = std::shared_ptr<const Image>;

struct Process {
  uint32_t pid = 0;
  uint64_t start_time = 0;
  int64_t id = 0;
  uint32_t parent_pid = 0;  // at fork, or when first met
  int64_t parent_id = 0;    // 0: not known
  uint32_t pgid = 0;        // only as good as the last exec, seed or look at /proc
  uint32_t session_id = 0;
  ImagePtr image;
  // Images before the last execs: records of the noisy ring come late.
  std::vector<ImagePtr> earlier;
  bool used = true;
  bool exited = false;
};

struct Actor {
  Process* process;
  const Image* image;
  bool first_met;  // nobody has had this exec_id before: it needs its row in process_seen
};

struct CacheLimits {
  size_t string_bytes = 24u << 20;  // of images: paths and arguments
  size_t processes = 131'072;
  int64_t grace_ns = 5'000'000'000;  // how long an exited process stays, for late records
};

// Ids that process_seen already has for this boot.
struct KnownImage {
  int64_t process_id;
  int64_t exec_id;
};

class ProcessCache {
 public:
  ProcessCache(const Identity& identity, ProcReader proc, std::vector<KnownImage> known,
               CacheLimits limits = {});

  // Who did the record; completed from /proc when not known. Pointers hold until the next call.
  Actor Resolve(const weir_header& header);
  // Header of the process that called fork: with CLONE_PARENT the parent is somebody else.
  static weir_header Creator(const weir_fork_event& event);
  // The child runs what its creator runs. Resolve the creator first, or its first_met is lost.
  Actor Fork(const weir_fork_event& event);
  // The image is new. `image` needs its strings only.
  Actor Exec(const weir_exec_event& event, Image image);
  // Arguments of an exec that the kernel could not read, from /proc; false when the process is
  // gone, runs something else by now, or has other arguments than it was started with.
  bool RepairArguments(const weir_exec_event& event, Image* image) const;
  // A process found running. Strings that are empty are completed from /proc.
  Actor Seed(const weir_exec_event& event, Image image);
  void Exit(const weir_header& header, int64_t now);

  // Only what is known already.
  const Process* Find(int64_t process_id) const;
  // The image that the process ran at that exec number; null when it is not known (any more).
  const Image* FindImage(int64_t process_id, uint32_t self_exec_id) const;
  // After a pass over both rings: forgets what no record can name any more. `now`: any clock, ns.
  void EndPass(int64_t now);
  // After seeding: known ids of processes that are gone are of no use.
  void ForgetKnown();

  size_t size() const { return processes_.size(); }
  size_t string_bytes() const { return *string_bytes_; }
  // All that it holds, and the most that it may hold after a pass.
  size_t bytes() const;
  size_t max_bytes() const;

 private:
  struct Exited {
    int64_t id;
    int64_t time;
    uint64_t pass;
  };

  Process& Get(const weir_header& header, bool* made);
  ImagePtr Keep(Image image);
  ImagePtr OwnImage(Process& process, uint32_t self_exec_id, bool look, bool* first_met);
  void Complete(Process& process, Image& image);
  void Replace(Process& process, ImagePtr image);
  bool IsKnown(int64_t process_id, int64_t exec_id) const;
  int64_t KnownExecId(const Process& process, uint32_t self_exec_id) const;
  void Erase(int64_t process_id);
  void ForgetStrings();
  void Sweep(int64_t now);

  const Identity& identity_;
  const ProcReader proc_;
  const CacheLimits limits_;
  std::vector<KnownImage> known_;  // sorted
  std::unordered_map<int64_t, Process> processes_;
  std::deque<Exited> exited_;
  uint64_t pass_ = 0;
  Process* last_ = nullptr;  // consecutive records are mostly of one process
  size_t hand_ = 0;          // bucket where forgetting goes on
  size_t sweep_hand_ = 0;    // bucket where the search for the dead goes on
  int64_t last_sweep_ = 0;
  // Shared with the images' deleters, which may run after this object is gone.
  std::shared_ptr<size_t> string_bytes_;
};

}  // namespace weir
