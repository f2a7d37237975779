// Changes of files without eBPF: fanotify's folders and names as records of bpf/weir.h.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sensor/netlink/fanotify.h"
#include "sensor/netlink/handle_paths.h"
#include "sensor/netlink/scope.h"
#include "sensor/netlink/source.h"
#include "sensor/netlink/task_table.h"

namespace weir {

class FileSource : public Source {
 public:
  // `catch_up` returns when all forks, execs and exits from before the call are in `tasks`.
  FileSource(TaskTable& tasks, Scope& scope, Sink& sink, std::function<void()> catch_up);
  ~FileSource() override;

  // Marks what is mounted. Any thread, before Begin.
  bool Open(std::string* why);
  // File systems that cannot be watched. Any thread.
  std::vector<std::string> Refused() const;

  std::vector<int> Descriptors() const override { return {fanotify_.fd(), mounts_changed_}; }
  void Pass(bool drain) override;
  int TimeoutMs() const override { return 1000; }

 private:
  void MarkMounts();
  // `anew`: also those that were looked at, at once.
  void MarkOtherNamespaces(bool anew);
  void Handle(const FanotifyEvent& event);
  void Created(const FanotifyEvent& event, const Task& task, const HandlePaths::Found& found);
  void Renamed(const Task& task, bool folder, const HandlePaths::Found& from,
               const HandlePaths::Found& to);
  void Emit(const Task& task, uint16_t type, const HandlePaths::Found& found,
            const HandlePaths::Found* dest = nullptr);
  bool IsLink(const HandlePaths::Found& found) const;
  bool Remember(std::unordered_set<uint64_t>& set, uint64_t key);

  Fanotify fanotify_;
  HandlePaths paths_;
  TaskTable& tasks_;
  Scope& scope_;
  Sink& sink_;
  const std::function<void()> catch_up_;
  int mountinfo_ = -1;
  int mounts_changed_ = -1;  // epoll: polling mountinfo for reading never waits
  int64_t namespaces_at_ = 0;
  std::unordered_map<uint32_t, uint64_t> namespaces_;  // hash of what was mounted
  // (process, place) that is open for writing and was said so; (file system, inode) created lately.
  std::unordered_set<uint64_t> writing_;
  std::unordered_set<uint64_t> reading_;
  std::unordered_set<uint64_t> created_;
  int64_t reading_since_ = 0;
  int64_t last_pass_ = 0;  // wall clock, ns: what is read now happened since
  // FAN_MOVED_FROM waits here for its other half (kernels before 5.17).
  FanotifyEvent moved_;
  std::string moved_place_[3];
  mutable std::mutex refused_mutex_;
  std::vector<std::string> refused_;
};

}  // namespace weir
