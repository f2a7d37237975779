#include "sensor/libbpf_log.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace weir {
namespace {

constexpr size_t kReasonMax = 400;

// What libbpf says while this thread loads something. It has one global printer for all threads.
thread_local std::string* t_log = nullptr;

int Print(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG || t_log == nullptr) return 0;
  va_list again;
  va_copy(again, arguments);
  const int size = vsnprintf(nullptr, 0, format, arguments);
  if (size > 0) {
    const size_t before = t_log->size();
    t_log->resize(before + static_cast<size_t>(size) + 1);
    vsnprintf(t_log->data() + before, static_cast<size_t>(size) + 1, format, again);
    t_log->pop_back();
  }
  va_end(again);
  return size;
}

}  // namespace

LogCapture::LogCapture() {
  libbpf_set_print(Print);
  t_log = &text;
}

LogCapture::~LogCapture() { t_log = nullptr; }

std::string Reason(const std::string& log, int error) {
  std::string text = strerror(error);
  if (log.empty()) return text;
  const size_t statistics = log.find("\nprocessed ");
  const size_t end = statistics == std::string::npos ? log.size() : statistics;
  const size_t line = statistics == std::string::npos ? 0 : log.rfind('\n', end - 1);
  const size_t from =
      std::max(line == std::string::npos ? 0 : line, end > kReasonMax ? end - kReasonMax : 0);
  text += ": " + log.substr(from, end - from);
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

std::string FailedProgram(const std::string& log) {
  const size_t end = log.find("': failed to load");
  if (end == std::string::npos) return "";
  const size_t begin = log.rfind("prog '", end);
  return begin == std::string::npos ? "" : log.substr(begin + 6, end - begin - 6);
}

}  // namespace weir
