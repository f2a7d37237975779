#include "capture/json_fields.h"

#include <rapidjson/reader.h>

#include <cmath>

#include "functions/utf8.h"

namespace weir::capture {

namespace {

// Beyond it a bare number is not exact: whoever wrote it may have rounded already.
constexpr int64_t kMostExact = (int64_t{1} << 53) - 1;

// Events of RapidJSON's parser. False ends it, so that deep nesting never gets deep here.
class Collector {
 public:
  explicit Collector(std::vector<Field>* fields) : fields_(*fields) {}
  bool object() const { return object_; }

  bool Null() { return Value({}, Field::Type::kNull); }
  bool Bool(bool) { return Value({}, Field::Type::kOther); }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(int64_t value) {
    const bool exact = value <= kMostExact && value >= -kMostExact;
    return Value({}, exact ? Field::Type::kInteger : Field::Type::kOther, value);
  }
  bool Uint64(uint64_t value) {
    return value <= static_cast<uint64_t>(kMostExact) ? Int64(static_cast<int64_t>(value))
                                                      : Value({}, Field::Type::kOther);
  }
  bool Double(double value) {
    const bool exact = std::trunc(value) == value && std::fabs(value) <= kMostExact;
    return exact ? Int64(static_cast<int64_t>(value)) : Value({}, Field::Type::kOther);
  }
  bool RawNumber(const char*, unsigned, bool) { return false; }
  bool String(const char* text, unsigned size, bool) {
    return Value({text, size}, Field::Type::kText);
  }
  bool Key(const char* text, unsigned size, bool) {
    if (depth_ == 1) {
      fields_.push_back({{text, size}});
    } else {
      hex_ = ++inner_ == 1 && std::string_view(text, size) == "hex";
    }
    return true;
  }
  bool StartObject() {
    if (depth_ == 0) {
      object_ = true;
    } else if (depth_ == 1) {
      fields_.back().type = Field::Type::kOther;
      inner_ = 0;
    }
    return ++depth_ <= 2;
  }
  bool EndObject(unsigned) {
    --depth_;
    return true;
  }
  bool StartArray() { return false; }
  bool EndArray(unsigned) { return false; }

 private:
  bool Value(std::string_view text, Field::Type type, int64_t integer = 0) {
    if (depth_ == 0) return false;
    Field& field = fields_.back();
    if (depth_ == 1) {
      field.type = type;
      field.text = text;
      field.integer = integer;
    } else {
      field.type = hex_ && type == Field::Type::kText ? Field::Type::kHex : Field::Type::kOther;
      field.text = text;
    }
    return true;
  }

  std::vector<Field>& fields_;
  int depth_ = 0;
  int inner_ = 0;     // keys of the object that is a value
  bool hex_ = false;  // it has "hex" alone
  bool object_ = false;
};

}  // namespace

const char* ParseFields(char* line, size_t size, std::vector<Field>* fields) {
  fields->clear();
  if (!IsUtf8({line, size})) return "not UTF-8";
  if (std::string_view(line, size).find('\0') != std::string_view::npos) return "not JSON";
  Collector collector(fields);
  rapidjson::Reader reader;
  rapidjson::InsituStringStream stream(line);
  reader.Parse<rapidjson::kParseInsituFlag>(stream, collector);
  if (!reader.HasParseError()) return nullptr;
  if (reader.GetParseErrorCode() != rapidjson::kParseErrorTermination) return "not JSON";
  return collector.object() ? "a value is an array or nested" : "not a JSON object";
}

}  // namespace weir::capture
