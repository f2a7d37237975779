#include "sensor/netlink/netlink_sensor.h"

#include <cerrno>
#include <utility>

namespace weir {

namespace {

Hook HookOf(const char* event, const char* program, const char* hook, const char* tier,
            uint32_t classes, const std::string& reason) {
  Hook made;
  made.event = event;
  made.program = program;
  made.hook = hook;
  made.tier = tier;
  made.attached = reason.empty();
  made.reason = reason;
  made.classes = classes;
  return made;
}

}  // namespace

struct NetlinkSensor::Running {
  Running(BatchQueue& queue, Scope& scope, SensorSettings& settings)
      : sink(std::make_unique<Decoder>(Identity::OfThisBoot(), ProcReader(),
                                       std::exchange(settings.known, {})),
             queue, settings.batch_ns),
        lifecycle(tasks, scope, sink),
        files(tasks, scope, sink, [this] { lifecycle_thread.CatchUp(); }),
        sockets(tasks, scope, sink, [this] { lifecycle_thread.CatchUp(); }) {}

  std::string no_files;
  std::string no_sockets;
  TaskTable tasks;
  Sink sink;
  LifecycleSource lifecycle;
  FileSource files;
  SocketSource sockets;
  SourceThread lifecycle_thread{"weir-connector", lifecycle, sink};
  SourceThread file_thread{"weir-fanotify", files, sink};
  SourceThread socket_thread{"weir-sock-diag", sockets, sink};
};

NetlinkSensor::NetlinkSensor(SensorSettings settings, std::function<void()> wake)
    : settings_(std::move(settings)),
      queue_(settings_.queue_batches, settings_.queue_bytes, std::move(wake)),
      scope_(settings_.kernel) {}

NetlinkSensor::~NetlinkSensor() {
  Stop();
  queue_.Discard();
}

bool NetlinkSensor::Start(ProgramsError* error) {
  auto running = std::make_unique<Running>(queue_, scope_, settings_);
  std::string why;
  if (!running->lifecycle.Open(&why)) {
    *error = {"NETLINK_NOT_PERMITTED", why};
    return false;
  }
  // Events wait in the socket meanwhile, so nothing falls between seed and events.
  running->lifecycle.Seed();
  running->files.Open(&running->no_files);
  running->sockets.Open(&running->no_sockets);
  bool started = running->lifecycle_thread.Start();
  if (running->no_files.empty()) started &= running->file_thread.Start();
  if (running->no_sockets.empty()) started &= running->socket_thread.Start();
  if (!started) {
    *error = {"NETLINK_NOT_PERMITTED", "too many open files"};
    return false;
  }
  running_ = std::move(running);
  return true;
}

bool NetlinkSensor::Configure(const KernelSettings& kernel, ProgramsError*) {
  settings_.kernel = kernel;
  scope_.Set(kernel);
  return true;
}

BatchPtr NetlinkSensor::Next() {
  bool freed = false;
  BatchPtr batch = queue_.Pop(&freed);
  if (freed && running_ != nullptr) {
    running_->lifecycle_thread.Resume();
    running_->file_thread.Resume();
    running_->socket_thread.Resume();
  }
  return batch;
}

// Processes first: they are who did the rest.
void NetlinkSensor::Drain() {
  if (running_ == nullptr) return;
  running_->lifecycle_thread.Drain();
  running_->file_thread.Drain();
  running_->socket_thread.Drain();
}

void NetlinkSensor::Stop() {
  if (running_ == nullptr) return;
  // They ask the lifecycle thread, so that goes last.
  running_->file_thread.Stop();
  running_->socket_thread.Stop();
  running_->lifecycle_thread.Stop();
  running_->sink.Flush(true);
  running_.reset();
}

std::vector<Hook> NetlinkSensor::hooks() const {
  if (running_ == nullptr) return {};
  std::vector<Hook> hooks = {
      HookOf("fork, exec, exit", "connector", "netlink/connector", "connector",
             WEIR_ON(WEIR_CLASS_PROCESS) | WEIR_ON(WEIR_CLASS_LIFECYCLE), ""),
      HookOf("changes of files", "fanotify", "fanotify/filesystem", "fanotify",
             WEIR_ON(WEIR_CLASS_FILE), running_->no_files),
      HookOf("connect, accept, bind, listen", "sock_diag", "netlink/sock_diag", "sock_diag",
             WEIR_ON(WEIR_CLASS_SOCKET), running_->no_sockets),
  };
  for (const std::string& refused : running_->files.Refused()) {
    hooks.push_back(HookOf("changes of files", "fanotify", "fanotify/filesystem", "fanotify",
                           WEIR_ON(WEIR_CLASS_FILE), refused));
  }
  for (Hook& hook : hooks) hook.wanted = (hook.classes & settings_.kernel.classes) != 0;
  return hooks;
}

}  // namespace weir
