// What libbpf and the verifier say, caught and made short.
#pragma once

#include <string>

namespace weir {

// Catches what libbpf says on this thread while it lives; one at a time.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  std::string text;
};

// One line: the error's own text and, of a log, the verifier's complaint, which is the line before
// its statistics; else the end of what was said.
std::string Reason(const std::string& log, int error);

// Name of the program in "prog 'NAME': failed to load"; empty when the failure was another.
std::string FailedProgram(const std::string& log);

}  // namespace weir
