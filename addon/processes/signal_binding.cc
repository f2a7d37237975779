// Signals to the process that is meant, and to no other that got its pid later.
#include "processes/signal_binding.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace weir {

namespace {

// Field 22 of /proc/PID/stat, clock ticks since boot; -1: there is no such process.
int64_t StartTicks(int pid) {
  const int fd = open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  char text[1024];
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return -1;
  text[size] = '\0';
  // The name may hold anything; behind its last bracket are numbers only.
  const char* at = strrchr(text, ')');
  for (int field = 2; at != nullptr && field < 22; ++field) at = strchr(at + 1, ' ');
  return at == nullptr ? -1 : strtoll(at + 1, nullptr, 10);
}

// 0, an errno, or ESRCH when the process is gone or is another one by now. While the descriptor is
// open it means one process, whoever gets the number: so it is asked who it is only then.
int Signal(int pid, int64_t start_ticks, int signal) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno;
  int error = 0;
  if (StartTicks(pid) != start_ticks) {
    error = ESRCH;
  } else if (syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) != 0) {
    error = errno;
  }
  close(fd);
  return error;
}

Napi::Value SignalProcess(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber() || !info[1].IsNumber() || !info[2].IsNumber()) {
    Napi::TypeError::New(env, "signalProcess needs a pid, its start and a signal")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const int error =
      Signal(info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::Number>().Int64Value(),
             info[2].As<Napi::Number>().Int32Value());
  return Napi::String::New(env, error == 0 ? "" : strerrorname_np(error));
}

}  // namespace

void InitProcesses(Napi::Env env, Napi::Object exports) {
  exports.Set("signalProcess", Napi::Function::New(env, SignalProcess, "signalProcess"));
}

}  // namespace weir
