// One object file of bpf/: a family of programs, in the fastest variant that this kernel accepts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sensor/programs.h"
#include "sensor/programs_tracepoint.h"

struct bpf_link;
struct bpf_object;
struct bpf_program;

namespace weir {

// Maps that the first family made and the others use: name to descriptor (owned by the first).
using SharedMaps = std::map<std::string, int>;

class Family {
 public:
  explicit Family(std::string name) : name_(std::move(name)) {}
  ~Family();
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  // Tries `direct`, then `probe`; of the latter, programs that the kernel refuses are left out, and
  // it fails only when none is left. Adds its own maps to `shared`.
  bool Load(const std::string& directory, SharedMaps* shared, ProgramsError* error);
  // Attaches each program that loaded; returns how many.
  int Attach(const Tracefs& tracefs);
  void Detach();
  // Descriptors that hold classic tracepoints.
  void AddEvents(std::vector<int>* descriptors) const;

  const std::string& name() const { return name_; }
  const std::string& variant() const { return variant_; }
  std::vector<Hook> Hooks() const;
  // Link of the task iterator; null when this family has none or it is not attached.
  bpf_link* iterator() const;

 private:
  // A program at one hook. A section "tp/syscalls/sys_exit_{open,creat}" means one program at two.
  struct Attachment {
    bpf_program* program = nullptr;
    bpf_link* link = nullptr;
    int event = -1;  // perf event of a classic tracepoint; the link's
    std::string program_name;
    std::string hook;
    std::string reason;
    bool counts = false;  // of several with one program, the one that shows its run times
  };

  bool TryVariant(const std::string& path, bool may_leave_out, SharedMaps* shared,
                  ProgramsError* error);
  void Close();

  const std::string name_;
  std::string variant_;
  bpf_object* object_ = nullptr;
  std::vector<Attachment> attachments_;
  std::map<std::string, std::string> refused_;  // program name to reason
};

}  // namespace weir
