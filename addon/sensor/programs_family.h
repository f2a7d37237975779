// One object file of bpf/: a family of programs, in the fastest variant that this kernel accepts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sensor/families.h"
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
  explicit Family(const FamilySpec& spec) : spec_(spec) {}
  ~Family();
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  // Tries `direct`, then `probe`; of the latter, programs that the kernel refuses are left out, and
  // it fails only when none is left. Adds its own maps to `shared`.
  bool Load(const std::string& directory, SharedMaps* shared, ProgramsError* error);
  // Attaches each program that loaded and feeds one of these classes; returns how many there are
  // then.
  int Attach(const Tracefs& tracefs, uint32_t classes);
  // Detaches each program that feeds none of these classes.
  void DetachAllBut(uint32_t classes);
  // Descriptors that hold the classic tracepoints which feed none but these classes.
  void AddEvents(uint32_t classes, std::vector<int>* descriptors) const;

  const FamilySpec& spec() const { return spec_; }
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
    uint32_t classes = 0;
    bool counts = false;  // of several with one program, the one that shows its run times
  };

  bool TryVariant(const std::string& path, bool may_leave_out, SharedMaps* shared,
                  ProgramsError* error);
  void AttachOne(const Tracefs& tracefs, Attachment* one);
  void Close();

  const FamilySpec& spec_;  // of Families()
  std::string variant_;
  bpf_object* object_ = nullptr;
  std::vector<Attachment> attachments_;
  std::map<std::string, std::string> refused_;  // program name to reason
  bool asked_ = false;                          // which hooks this kernel lacks
};

}  // namespace weir
