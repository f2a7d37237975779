// Files of exported events into batches, in the order of the capture: of the files' next lines the
// one with the lowest seq comes first. Main thread only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.h"
#include "capture/json_fields.h"

namespace weir::capture {

// What becomes of a field of a table.
struct FieldPlan {
  enum class Form : uint8_t { kIgnored, kText, kInteger, kOctal };
  std::string name;
  Form form = Form::kIgnored;
  int column = -1;                      // of the class
  std::optional<std::string> standard;  // text that stands for NULL
};

struct TablePlan {
  std::string name;
  int event_class = 0;
  std::vector<FieldPlan> fields;
};

// A text column that operators fill; apart from the batch, as the store takes it.
struct StreamColumn {
  int column = 0;
  std::vector<uint32_t> codes;
  Dictionary dictionary;
};

struct Filled {
  BatchPtr batch;
  uint32_t rows = 0;                 // its last one may be half of a bad line, and not count
  std::vector<StreamColumn> stream;  // those with a value
};

// Why a line is no event: `what` says it to people, about `name`; or "table", "column", which
// JavaScript knows more about.
struct Problem {
  std::string what, name, detail;
  size_t file = 0, line = 0;
};

class CaptureReader {
 public:
  CaptureReader(std::vector<TablePlan> tables, size_t files);

  // More of a file. False: a line of it is longer than anyone can have meant; see problem().
  bool Push(size_t file, std::string_view bytes);
  void End(size_t file) { files_[file].ended = true; }

  enum class Step { kFilled, kNeedsMore, kDone, kProblem };
  // Reads on. kFilled: `filled` are the next rows, all of one class. kNeedsMore: of file needed().
  // kProblem comes after all rows before it.
  Step Next(Filled* filled);
  size_t needed() const { return needed_; }
  const Problem& problem() const { return problem_; }

 private:
  struct File {
    std::string text;
    size_t at = 0;        // where the next line begins
    size_t searched = 0;  // no newline before
    size_t line = 0;      // number of the one in `fields`
    bool ended = false;
    bool ready = false;  // `fields` are those of a line
    std::vector<Field> fields;
    int64_t order = 0;
  };
  struct Builder {
    explicit Builder(int event_class) : batch(event_class) {}
    BatchBuilder batch;
    std::vector<StreamColumn> stream;
  };

  bool Refuse(const File& file, std::string what, std::string_view name, std::string detail = "");
  // Has the next line of the file parsed. kFilled: it is, or there is none and the file has ended.
  Step Ready(size_t index);
  // Rows that wait, then the problem.
  Step Fail(Filled* filled, uint32_t bad_rows);
  bool FindOrder(File& file);
  const TablePlan* TableOf(const File& file);
  bool Add(const File& file, const TablePlan& table);
  bool Set(const File& file, const FieldPlan& plan, const Field& field, Builder* builder);
  bool SetText(const File& file, const FieldPlan& plan, const Field& field, Builder* builder);
  bool SetInteger(const File& file, const FieldPlan& plan, const Field& field, Builder* builder);
  void Seal(Filled* filled, uint32_t bad_rows);

  std::vector<TablePlan> tables_;
  std::vector<File> files_;
  bool failed_ = false;
  bool by_seq_ = true;
  bool order_known_ = false;
  std::optional<Builder> builder_;
  size_t needed_ = 0;
  Problem problem_;
  std::string bytes_;  // of a value in hex
};

}  // namespace weir::capture
