// libFuzzer target: files of exported events as anyone may have changed them. The first byte says
// how many files the input is (a file ends at a byte 0xff, which is in no UTF-8) and how they come.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "capture/capture_reader.h"

namespace {

using weir::capture::CaptureReader;
using weir::capture::FieldPlan;
using weir::capture::Filled;
using weir::capture::TablePlan;
namespace schema = weir::schema;

void Require(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "broken promise of the reader: %s\n", what);
  abort();
}

// Every column of every class by its own name; a mode in octal, a text with a standard.
std::vector<TablePlan> Plans() {
  std::vector<TablePlan> plans;
  for (int c = 0; c < schema::kClassCount; ++c) {
    TablePlan plan{std::string(1, static_cast<char>('a' + c)), c, {}};
    for (int column = 0; column < schema::kClasses[c].count; ++column) {
      const schema::PhysicalColumn& spec = schema::kClasses[c].columns[column];
      FieldPlan field{spec.name, FieldPlan::Form::kInteger, column, {}};
      if (spec.kind == schema::Kind::kText) field.form = FieldPlan::Form::kText;
      if (field.name == "mode") field.form = FieldPlan::Form::kOctal;
      if (field.name == "path") field.standard = "";
      plan.fields.push_back(std::move(field));
    }
    plan.fields.push_back({"seq", FieldPlan::Form::kIgnored, -1, {}});
    plans.push_back(std::move(plan));
  }
  return plans;
}

void Check(const Filled& filled) {
  Require(filled.batch && filled.batch->rows > 0, "a batch has rows");
  Require(filled.batch->rows <= weir::kBatchRows, "a batch is no larger than one");
  Require(filled.rows > 0 && filled.rows <= filled.batch->rows, "rows that count are in it");
  for (const auto& column : filled.stream) {
    Require(column.codes.size() == filled.batch->rows, "a code for each row");
    for (const uint32_t code : column.codes) {
      Require(code < column.dictionary.count(), "a code has a text");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<TablePlan> kPlans = Plans();
  if (size == 0) return 0;
  const size_t count = 1 + data[0] % 3;
  const size_t piece = data[0] & 0x80 ? 1 + (data[0] >> 2 & 31) : size;
  std::vector<std::string_view> files(count);
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  for (size_t i = 0; i < count; ++i) {
    const size_t end = i + 1 < count ? rest.find('\xff') : std::string_view::npos;
    files[i] = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  CaptureReader reader(kPlans, count);
  for (;;) {
    Filled filled;
    switch (reader.Next(&filled)) {
      case CaptureReader::Step::kFilled:
        Check(filled);
        break;
      case CaptureReader::Step::kNeedsMore: {
        std::string_view& file = files[reader.needed()];
        if (file.empty()) {
          reader.End(reader.needed());
          break;
        }
        // A copy of its own size, so that reading past its end is seen.
        const std::vector<char> bytes(file.begin(), file.begin() + std::min(piece, file.size()));
        file.remove_prefix(bytes.size());
        if (!reader.Push(reader.needed(), {bytes.data(), bytes.size()})) return 0;
        break;
      }
      case CaptureReader::Step::kProblem:
        Require(!reader.problem().what.empty() && reader.problem().file < count, "a reason");
        return 0;
      case CaptureReader::Step::kDone:
        return 0;
    }
  }
}
