#include "sensor/process_cache.h"

#include <algorithm>
#include <tuple>

#include "batch/caches.h"

namespace weir {

namespace {

// One exec after the other, as wrappers do it; older records than that are not waiting anywhere.
constexpr size_t kEarlierImages = 4;

// Looking for processes whose end was not told: so many at a time, so often.
constexpr int64_t kSweepNs = 100'000'000;
constexpr size_t kSweepProcesses = 64;
constexpr size_t kSweepBuckets = 1024;

size_t Bytes(const Image& image) {
  return sizeof(Image) + image.path.size() + image.arguments.size() + image.cwd.size();
}

// Of a process in the table, with its place there and the pointers to earlier images.
constexpr size_t kProcessBytes = sizeof(std::pair<const int64_t, Process>) + 4 * sizeof(void*) +
                                 kEarlierImages * sizeof(ImagePtr);

bool Before(const KnownImage& a, const KnownImage& b) {
  return std::tie(a.process_id, a.exec_id) < std::tie(b.process_id, b.exec_id);
}

}  // namespace

ProcessCache::ProcessCache(const Identity& identity, ProcReader proc, std::vector<KnownImage> known,
                           CacheLimits limits)
    : identity_(identity),
      proc_(std::move(proc)),
      limits_(limits),
      known_(std::move(known)),
      string_bytes_(std::make_shared<size_t>(0)) {
  std::sort(known_.begin(), known_.end(), Before);
}

const Process* ProcessCache::Find(int64_t process_id) const {
  const auto found = processes_.find(process_id);
  return found == processes_.end() ? nullptr : &found->second;
}

const Image* ProcessCache::FindImage(int64_t process_id, uint32_t self_exec_id) const {
  const Process* process = Find(process_id);
  if (process == nullptr || process->image == nullptr) return nullptr;
  if (process->image->self_exec_id == self_exec_id) return process->image.get();
  for (const ImagePtr& image : process->earlier) {
    if (image->self_exec_id == self_exec_id) return image.get();
  }
  return nullptr;
}

Process& ProcessCache::Get(const weir_header& header, bool* made) {
  *made = false;
  if (last_ != nullptr && last_->pid == header.pid && last_->start_time == header.start_time) {
    return *last_;
  }
  const int64_t id = identity_.ProcessId(header.pid, header.start_time);
  Process& process = processes_[id];
  if (process.image == nullptr && process.start_time == 0) {
    *made = true;
    process.id = id;
    process.pid = header.pid;
    process.start_time = header.start_time;
  }
  last_ = &process;
  return process;
}

ImagePtr ProcessCache::Keep(Image image) {
  const size_t bytes = Bytes(image);
  *string_bytes_ += bytes;
  return ImagePtr(new Image(std::move(image)), [total = string_bytes_, bytes](const Image* image) {
    *total -= bytes;
    delete image;
  });
}

bool ProcessCache::IsKnown(int64_t process_id, int64_t exec_id) const {
  return std::binary_search(known_.begin(), known_.end(), KnownImage{process_id, exec_id}, Before);
}

// An id that is known for the process and is an ancestor's of the same exec number was inherited at
// its fork and is still right: an exec would have raised the number. When the ancestor that gave it
// cannot be named any more, the process gets an id of its own: one more row in process_seen does
// less harm than a wrong executable.
int64_t ProcessCache::KnownExecId(const Process& process, uint32_t self_exec_id) const {
  constexpr int kGenerations = 16;
  const int64_t own = Identity::ExecId(process.id, self_exec_id);
  if (IsKnown(process.id, own)) return own;
  int64_t ancestor = process.parent_id;
  for (int i = 0; i < kGenerations && ancestor != 0; ++i) {
    const int64_t inherited = Identity::ExecId(ancestor, self_exec_id);
    if (IsKnown(process.id, inherited)) return inherited;
    const Process* parent = Find(ancestor);
    ancestor = parent == nullptr ? 0 : parent->parent_id;
  }
  return own;
}

void ProcessCache::Complete(Process& process, Image& image) {
  const auto facts = proc_.Read(process.pid, process.start_time);
  if (!facts) return;
  image.from_proc = true;
  if (image.path.empty()) image.path = facts->exe;
  if (image.cwd.empty()) image.cwd = facts->cwd;
  if (image.arguments.empty()) {
    image.arguments = facts->arguments;
    image.arguments_cut = facts->arguments_cut;
  }
  if (process.parent_pid == 0) process.parent_pid = facts->parent_pid;
  process.pgid = facts->pgid;
  process.session_id = facts->session_id;
}

void ProcessCache::Replace(Process& process, ImagePtr image) {
  if (process.image != nullptr) {
    if (process.earlier.size() == kEarlierImages) process.earlier.erase(process.earlier.begin());
    process.earlier.push_back(std::move(process.image));
  }
  process.image = std::move(image);
}

// The image whose exec was not seen. `look`: /proc shows this image, not a later one.
ImagePtr ProcessCache::OwnImage(Process& process, uint32_t self_exec_id, bool look,
                                bool* first_met) {
  Image image;
  image.self_exec_id = self_exec_id;
  image.exec_id = KnownExecId(process, self_exec_id);
  if (look) Complete(process, image);
  *first_met = !IsKnown(process.id, image.exec_id);
  return Keep(std::move(image));
}

Actor ProcessCache::Resolve(const weir_header& header) {
  bool made = false;
  Process& process = Get(header, &made);
  process.used = true;
  if (process.image != nullptr && process.image->self_exec_id == header.self_exec_id) {
    if (process.image->forgotten) {
      Image image = *process.image;
      image.forgotten = false;
      Complete(process, image);
      process.image = Keep(std::move(image));
    }
    return {&process, process.image.get(), false};
  }
  for (const ImagePtr& image : process.earlier) {
    if (image->self_exec_id == header.self_exec_id) return {&process, image.get(), false};
  }
  bool first_met = false;
  if (process.image != nullptr && header.self_exec_id < process.image->self_exec_id) {
    if (process.earlier.size() == kEarlierImages) process.earlier.erase(process.earlier.begin());
    process.earlier.push_back(OwnImage(process, header.self_exec_id, false, &first_met));
    return {&process, process.earlier.back().get(), first_met};
  }
  Replace(process, OwnImage(process, header.self_exec_id, true, &first_met));
  return {&process, process.image.get(), first_met};
}

weir_header ProcessCache::Creator(const weir_fork_event& event) {
  weir_header creator = event.h;
  creator.pid = event.creator_pid;
  creator.start_time = event.creator_start_time;
  return creator;
}

Actor ProcessCache::Fork(const weir_fork_event& event) {
  const Actor from = Resolve(Creator(event));
  ImagePtr inherited = from.process->image;
  for (const ImagePtr& image : from.process->earlier) {
    if (image.get() == from.image) inherited = image;
  }
  bool made = false;
  Process& child = Get(event.h, &made);
  child.used = true;
  child.parent_pid = event.parent_pid;
  child.parent_id = identity_.ProcessId(event.parent_pid, event.parent_start_time);
  if (!made) {
    // The seed met the child first, maybe after its first exec. When not, it keeps the id that its
    // row in process_seen has.
    if (child.image != nullptr && child.image->self_exec_id > event.h.self_exec_id) {
      child.earlier.insert(child.earlier.begin(), std::move(inherited));
    }
    return Resolve(event.h);
  }
  child.pgid = from.process->pgid;
  child.session_id = from.process->session_id;
  child.image = std::move(inherited);
  return {&child, child.image.get(), false};
}

Actor ProcessCache::Exec(const weir_exec_event& event, Image image) {
  bool made = false;
  Process& process = Get(event.h, &made);
  process.used = true;
  if (made || process.parent_id == 0) {
    process.parent_pid = event.parent_pid;
    process.parent_id = identity_.ProcessId(event.parent_pid, event.parent_start_time);
  }
  process.pgid = event.pgid;
  process.session_id = event.sid;
  image.self_exec_id = event.h.self_exec_id;
  image.exec_id = Identity::ExecId(process.id, event.h.self_exec_id);
  // The seed, or a record that overtook this one, has met the image already.
  const bool met = process.image != nullptr && process.image->exec_id == image.exec_id;
  const bool first_met = !met && !IsKnown(process.id, image.exec_id);
  if (met) process.image = nullptr;
  Replace(process, Keep(std::move(image)));
  return {&process, process.image.get(), first_met};
}

bool ProcessCache::RepairArguments(const weir_exec_event& event, Image* image) const {
  const auto facts = proc_.Read(event.h.pid, event.h.start_time);
  if (!facts || facts->exe != image->path) return false;
  if (facts->arguments.size() != std::min<size_t>(event.argv_size, WEIR_ARGV_MAX)) return false;
  image->arguments = facts->arguments;
  image->arguments_cut = facts->arguments_cut;
  image->from_proc = true;
  return true;
}

Actor ProcessCache::Seed(const weir_exec_event& event, Image image) {
  bool made = false;
  Process& process = Get(event.h, &made);
  // A later image is one whose exec was lost.
  if (!made && process.image != nullptr && process.image->self_exec_id >= event.h.self_exec_id) {
    return {&process, process.image.get(), false};
  }
  if (made) {
    process.parent_pid = event.parent_pid;
    process.parent_id = identity_.ProcessId(event.parent_pid, event.parent_start_time);
  }
  image.self_exec_id = event.h.self_exec_id;
  image.exec_id = KnownExecId(process, event.h.self_exec_id);
  Complete(process, image);
  process.pgid = event.pgid;
  process.session_id = event.sid;
  const bool first_met = !IsKnown(process.id, image.exec_id);
  Replace(process, Keep(std::move(image)));
  return {&process, process.image.get(), first_met};
}

void ProcessCache::Exit(const weir_header& header, int64_t now) {
  bool made = false;
  Process& process = Get(header, &made);
  if (process.exited) return;
  process.exited = true;
  exited_.push_back({process.id, now, pass_});
}

void ProcessCache::Erase(int64_t process_id) {
  const auto found = processes_.find(process_id);
  if (found == processes_.end()) return;
  if (last_ == &found->second) last_ = nullptr;
  processes_.erase(found);
}

void ProcessCache::EndPass(int64_t now) {
  ++pass_;
  while (!exited_.empty()) {
    const Exited& oldest = exited_.front();
    const bool late = oldest.time + limits_.grace_ns <= now;
    const bool tight =
        processes_.size() > limits_.processes || *string_bytes_ > limits_.string_bytes;
    // Records from before the exit lie in the pass of the exit or the next one.
    if (oldest.pass + 2 > pass_ || (!late && !tight)) break;
    Erase(oldest.id);
    exited_.pop_front();
  }
  Sweep(now);
  if (*string_bytes_ > limits_.string_bytes) ForgetStrings();
  CacheState& state = TheCache(Cache::kProcesses);
  for (; processes_.size() > limits_.processes; state.Evict(1)) Erase(processes_.begin()->first);
  state.Hold(processes_.size(), bytes(), max_bytes());
}

size_t ProcessCache::bytes() const { return *string_bytes_ + processes_.size() * kProcessBytes; }

size_t ProcessCache::max_bytes() const {
  return limits_.string_bytes + limits_.processes * kProcessBytes;
}

// Second chance: what was not used since the hand's last round loses its strings, not its ids.
void ProcessCache::ForgetStrings() {
  const size_t buckets = processes_.bucket_count();
  const size_t target = limits_.string_bytes / 4 * 3;
  for (size_t step = 0; step<2 * buckets&& * string_bytes_> target; ++step) {
    hand_ = (hand_ + 1) % buckets;
    for (auto it = processes_.begin(hand_); it != processes_.end(hand_); ++it) {
      Process& process = it->second;
      process.earlier.clear();
      if (process.used) {
        process.used = false;
      } else if (process.image != nullptr && !process.image->forgotten) {
        Image light;
        light.exec_id = process.image->exec_id;
        light.self_exec_id = process.image->self_exec_id;
        light.forgotten = true;
        process.image = Keep(std::move(light));
        TheCache(Cache::kProcesses).Evict(1);
      }
    }
  }
}

// Ends of processes are excluded, out of scope, or lost: without this the cache would only grow.
void ProcessCache::Sweep(int64_t now) {
  if (now - last_sweep_ < kSweepNs) return;
  last_sweep_ = now;
  const size_t buckets = std::min(processes_.bucket_count(), kSweepBuckets);
  size_t looked = 0;
  for (size_t step = 0; step < buckets && looked < kSweepProcesses; ++step) {
    sweep_hand_ = (sweep_hand_ + 1) % processes_.bucket_count();
    for (auto it = processes_.begin(sweep_hand_); it != processes_.end(sweep_hand_); ++it) {
      Process& process = it->second;
      if (process.exited) continue;
      ++looked;
      if (proc_.Exists(process.pid)) continue;
      process.exited = true;
      exited_.push_back({process.id, now, pass_});
    }
  }
}

void ProcessCache::ForgetKnown() {
  std::erase_if(known_, [this](const KnownImage& k) { return !processes_.contains(k.process_id); });
  known_.shrink_to_fit();
}

}  // namespace weir
