#include "capture/capture_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace weir::capture {

namespace {

// Far above the longest row: 128 KiB of arguments, escaped, in two columns.
constexpr size_t kMaxLine = 16 << 20;
// One argument list may be 128 KiB.
constexpr size_t kMaxBatchBytes = 4 << 20;
constexpr int kTime = schema::process_column::kTimeNs;  // the same in every class
constexpr int64_t kSecond = 1'000'000'000;

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Digits with a sign or none, all of them. nullopt too when 64 bits cannot hold them.
std::optional<int64_t> Integer(std::string_view text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<int64_t> Integer(const Field& field) {
  if (field.type == Field::Type::kInteger) return field.integer;
  return field.type == Field::Type::kText ? Integer(field.text) : std::nullopt;
}

const Field* FindField(const std::vector<Field>& fields, std::string_view key) {
  const auto found = std::find_if(fields.rbegin(), fields.rend(),
                                  [&](const Field& field) { return field.key == key; });
  return found == fields.rend() ? nullptr : &*found;
}

std::optional<int64_t> IntegerOf(const std::vector<Field>& fields, std::string_view key) {
  const Field* field = FindField(fields, key);
  return field ? Integer(*field) : std::nullopt;
}

int Nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool FromHex(std::string_view digits, std::string* bytes) {
  bytes->clear();
  if (digits.size() % 2 != 0) return false;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = Nibble(digits[i]), low = Nibble(digits[i + 1]);
    if (high < 0 || low < 0) return false;
    *bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

}  // namespace

CaptureReader::CaptureReader(std::vector<TablePlan> tables, size_t files)
    : tables_(std::move(tables)), files_(files) {}

bool CaptureReader::Push(size_t index, std::string_view bytes) {
  File& file = files_[index];
  // Only asked for when no whole line is left, so little is moved. Fields of the line before are
  // gone with it.
  file.text.erase(0, file.at);
  file.searched -= file.at;
  file.at = 0;
  file.text += bytes;
  if (file.text.size() - file.searched > kMaxLine ||
      (file.searched > kMaxLine && bytes.find('\n') == std::string_view::npos)) {
    ++file.line;
    return Refuse(file, "longer than 16 MiB; is this a jsonl export?", "");
  }
  return true;
}

bool CaptureReader::Refuse(const File& file, std::string what, std::string_view name,
                           std::string detail) {
  problem_ = {std::move(what), std::string(name), std::move(detail),
              static_cast<size_t>(&file - files_.data()), file.line};
  return false;
}

CaptureReader::Step CaptureReader::Ready(size_t index) {
  File& file = files_[index];
  while (!file.ready) {
    size_t end = file.text.find('\n', file.searched);
    if (end == std::string::npos) {
      file.searched = file.text.size();
      if (!file.ended) {
        needed_ = index;
        return Step::kNeedsMore;
      }
      if (file.at == file.text.size()) return Step::kFilled;
      file.text += '\n';  // the last line may lack it
      end = file.text.size() - 1;
    }
    ++file.line;
    char* line = file.text.data() + file.at;
    const size_t size = end - file.at;
    line[size] = '\0';
    file.at = file.searched = end + 1;
    if (IsBlank({line, size})) continue;
    if (const char* wrong = ParseFields(line, size, &file.fields)) {
      Refuse(file, wrong, "");
      return Step::kProblem;
    }
    file.ready = true;
    if (files_.size() > 1) FindOrder(file);
  }
  return Step::kFilled;
}

// By seq, which is the order of the capture, while all lines have one; or else by time.
bool CaptureReader::FindOrder(File& file) {
  const std::optional<int64_t> seq = IntegerOf(file.fields, "seq");
  if (!order_known_) by_seq_ = by_seq_ && seq;
  if (by_seq_ && seq) {
    file.order = *seq;
    return true;
  }
  const std::optional<int64_t> time = IntegerOf(file.fields, "ntime");
  const int64_t seconds = IntegerOf(file.fields, "time").value_or(0);
  if (time) {
    file.order = *time;
  } else if (__builtin_mul_overflow(seconds, kSecond, &file.order)) {
    file.order = seconds < 0 ? INT64_MIN : INT64_MAX;  // the line is refused when its turn comes
  }
  return false;
}

CaptureReader::Step CaptureReader::Fail(Filled* filled, uint32_t bad_rows) {
  failed_ = true;
  if (!builder_ || builder_->batch.rows() <= bad_rows) return Step::kProblem;
  Seal(filled, bad_rows);
  return Step::kFilled;
}

CaptureReader::Step CaptureReader::Next(Filled* filled) {
  if (failed_) return Step::kProblem;
  for (;;) {
    File* first = nullptr;
    for (size_t i = 0; i < files_.size(); ++i) {
      const Step step = Ready(i);
      if (step == Step::kProblem) return Fail(filled, 0);
      if (step == Step::kNeedsMore) return step;
      File& file = files_[i];
      if (file.ready && (!first || file.order < first->order)) first = &file;
    }
    if (!order_known_ && !by_seq_) {
      // A file whose first line came before another showed that seqs are no common order.
      for (File& file : files_) {
        if (file.ready) FindOrder(file);
      }
      order_known_ = true;
      continue;
    }
    order_known_ = true;
    if (!first) {
      if (!builder_ || builder_->batch.rows() == 0) return Step::kDone;
      Seal(filled, 0);
      return Step::kFilled;
    }
    const TablePlan* table = TableOf(*first);
    if (!table) return Fail(filled, 0);
    const bool full = builder_ && (builder_->batch.rows() == kBatchRows ||
                                   builder_->batch.text_bytes() > kMaxBatchBytes);
    if (builder_ && builder_->batch.rows() > 0 &&
        (full || builder_->batch.event_class() != table->event_class)) {
      Seal(filled, 0);
      return Step::kFilled;
    }
    if (!builder_) builder_.emplace(table->event_class);
    if (!Add(*first, *table)) return Fail(filled, 1);
    first->ready = false;
  }
}

const TablePlan* CaptureReader::TableOf(const File& file) {
  const Field* name = FindField(file.fields, "table");
  if (!name || name->type != Field::Type::kText) {
    Refuse(file, "it does not say its \"table\"", "");
    return nullptr;
  }
  for (const TablePlan& table : tables_) {
    if (table.name == name->text) return &table;
  }
  Refuse(file, "table", name->text);
  return nullptr;
}

bool CaptureReader::Add(const File& file, const TablePlan& table) {
  builder_->batch.BeginRow();
  // Never the same thing as another.
  builder_->batch.SetI64(schema::process_column::kIdentity, 0);
  for (StreamColumn& column : builder_->stream) column.codes.push_back(0);
  size_t expected = 0;  // lines have their fields in the plan's order, mostly
  for (const Field& field : file.fields) {
    if (field.key == "table") continue;
    if (expected == table.fields.size() || table.fields[expected].name != field.key) {
      const auto found =
          std::find_if(table.fields.begin(), table.fields.end(),
                       [&](const FieldPlan& plan) { return plan.name == field.key; });
      if (found == table.fields.end()) return Refuse(file, "column", field.key, table.name);
      expected = static_cast<size_t>(found - table.fields.begin());
    }
    const FieldPlan& plan = table.fields[expected++];
    if (plan.form == FieldPlan::Form::kIgnored || field.type == Field::Type::kNull) continue;
    if (!Set(file, plan, field, &*builder_)) return false;
  }
  if (builder_->batch.GetI64(kTime) != kNullI64) return true;
  const Field* time = FindField(file.fields, "time");
  if (!time || time->type != Field::Type::kInteger) {
    return Refuse(file, "it has neither ntime nor time", "");
  }
  int64_t ns;
  if (__builtin_mul_overflow(time->integer, kSecond, &ns)) {
    return Refuse(file, "is out of range", "time", std::to_string(time->integer));
  }
  builder_->batch.SetI64(kTime, ns);
  return true;
}

bool CaptureReader::Set(const File& file, const FieldPlan& plan, const Field& field,
                        Builder* builder) {
  return plan.form == FieldPlan::Form::kText ? SetText(file, plan, field, builder)
                                             : SetInteger(file, plan, field, builder);
}

bool CaptureReader::SetText(const File& file, const FieldPlan& plan, const Field& field,
                            Builder* builder) {
  std::string_view text = field.text;
  if (field.type == Field::Type::kHex && FromHex(field.text, &bytes_)) {
    text = bytes_;
  } else if (field.type != Field::Type::kText) {
    return Refuse(file, R"(must be text, or {"hex": "..."} where it is not UTF-8)", plan.name);
  } else if (plan.standard && text == *plan.standard) {
    return true;
  }
  const int event_class = builder->batch.event_class();
  if (schema::kClasses[event_class].columns[plan.column].origin != schema::Origin::kStream) {
    builder->batch.SetText(plan.column, text);
    return true;
  }
  auto column = std::find_if(builder->stream.begin(), builder->stream.end(),
                             [&](const StreamColumn& c) { return c.column == plan.column; });
  if (column == builder->stream.end()) {
    builder->stream.push_back({plan.column, std::vector<uint32_t>(builder->batch.rows(), 0), {}});
    column = builder->stream.end() - 1;
  }
  column->codes.back() = column->dictionary.Code(text);
  return true;
}

bool CaptureReader::SetInteger(const File& file, const FieldPlan& plan, const Field& field,
                               Builder* builder) {
  int64_t value = 0;
  if (plan.form == FieldPlan::Form::kOctal) {
    const char* end = field.text.data() + field.text.size();
    uint64_t bits = 0;
    const auto [stop, error] = std::from_chars(field.text.data(), end, bits, 8);
    if (field.type != Field::Type::kText || stop != end || field.text.empty() ||
        error == std::errc::invalid_argument) {
      return Refuse(file, "must be octal digits in quotes", plan.name);
    }
    if (error != std::errc() || bits > INT64_MAX) {
      return Refuse(file, "is out of range", plan.name, std::string(field.text));
    }
    value = static_cast<int64_t>(bits);
  } else {
    const std::optional<int64_t> integer = Integer(field);
    if (!integer) {
      return Refuse(file, "must be an integer of 64 bits, in quotes beyond 2^53", plan.name);
    }
    value = *integer;
  }
  const int event_class = builder->batch.event_class();
  const bool small = schema::kClasses[event_class].columns[plan.column].kind == schema::Kind::kU32;
  if (small ? value < 0 || value > UINT32_MAX : value == kNullI64) {
    return Refuse(file, "is out of range", plan.name, std::to_string(value));
  }
  if (small) {
    builder->batch.SetU32(plan.column, static_cast<uint32_t>(value));
  } else {
    builder->batch.SetI64(plan.column, value);
  }
  return true;
}

void CaptureReader::Seal(Filled* filled, uint32_t bad_rows) {
  filled->rows = builder_->batch.rows() - bad_rows;
  filled->batch = builder_->batch.Seal();
  filled->stream = std::move(builder_->stream);
  builder_.reset();
}

}  // namespace weir::capture
