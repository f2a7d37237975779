// One object file of bpf/: a family of programs, in the fastest variant that this kernel accepts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sensor/event_ways.h"
#include "sensor/families.h"
#include "sensor/programs.h"
#include "sensor/programs_object.h"
#include "sensor/programs_tracepoint.h"

struct bpf_link;
struct bpf_object;
struct bpf_program;

namespace weir {

class Family {
 public:
  explicit Family(const FamilySpec& spec) : spec_(spec), ways_(spec) {}
  ~Family();
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  // Tries `direct`, then `probe`, each event by its best way that loads; of the last ways in
  // `probe`, programs that the kernel refuses are left out. Fails only when none is left. Adds its
  // own maps to `shared`. `tiers` must outlive this.
  bool Load(const std::string& directory, const Tiers& tiers, SharedMaps* shared,
            ProgramsError* error);
  // Attaches what loaded and feeds one of these classes; returns how many hooks there are then.
  // When a better way than an event's last cannot be attached, the family is loaded anew without
  // it: what it had attached misses that moment.
  int Attach(const Tracefs& tracefs, uint32_t classes);
  // A program that feeds one of these classes was given back and is not attached again.
  bool Lacks(uint32_t classes) const;
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
    std::shared_ptr<bpf_link> link;  // one program at many functions has one for all
    int event = -1;                  // perf event of a classic tracepoint; the link's
    bool leaving = false;            // given back, maybe not gone yet
    bool absent = false;             // this kernel has no such function; the program has others
    std::string program_name;
    std::string hook;
    Place place;
    std::string reason;
    uint32_t classes = 0;
    bool counts = false;  // of several with one program, the one that shows its run times
  };

  bool LoadVariants(SharedMaps* shared, ProgramsError* error);
  bool TryVariant(const std::string& path, SharedMaps* shared, ProgramsError* error);
  // Attachments of all programs of the open object; which of them to load is decided by them.
  void ListAttachments();
  void LeaveOutMissingFunctions();
  void ChoosePrograms();
  bool LeaveOut(const std::string& program, const std::string& reason);
  bool AttachAll(const Tracefs& tracefs, uint32_t classes);
  void AttachOne(const Tracefs& tracefs, Attachment* one);
  std::vector<std::string> FunctionsOf(const Attachment& one) const;
  void Close();

  const FamilySpec& spec_;  // of Families()
  EventWays ways_;
  const Tiers* tiers_ = nullptr;
  std::string directory_;
  SharedMaps borrowed_;
  std::string variant_;
  bpf_object* object_ = nullptr;
  std::vector<Attachment> attachments_;
  std::map<std::string, std::string> refused_;  // program name to reason
  bool asked_ = false;                          // which hooks this kernel lacks
};

}  // namespace weir
