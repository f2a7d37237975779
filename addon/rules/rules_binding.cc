#include "rules/rules_binding.h"

#include <memory>
#include <string>
#include <utility>

#include "rules/literal_filter.h"

namespace weir {

namespace {

using rules::LiteralFilter;
using rules::LiteralMatcher;

Napi::Value Refuse(Napi::Env env, const char* what) {
  Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
  return env.Undefined();
}

bool IsColumn(int event_class, int column, bool text) {
  if (event_class < 0 || event_class >= schema::kClassCount) return false;
  const schema::ClassSpec& spec = schema::kClasses[event_class];
  return column >= 0 && column < spec.count &&
         (spec.columns[column].kind == schema::Kind::kText) == text &&
         spec.columns[column].origin != schema::Origin::kBatch;
}

bool AddLiteral(const Napi::Value& value, LiteralFilter* filter) {
  if (!value.IsObject()) return false;
  const auto literal = value.As<Napi::Object>();
  const Napi::Value text = literal.Get("text");
  const Napi::Value number = literal.Get("number");
  const Napi::Value event_class = literal.Get("eventClass");
  const Napi::Value column = literal.Get("column");
  if (!event_class.IsNumber() || !column.IsNumber()) return false;
  const int of_class = event_class.As<Napi::Number>().Int32Value();
  const int of_column = column.As<Napi::Number>().Int32Value();
  if (number.IsNumber()) {
    if (!IsColumn(of_class, of_column, false)) return false;
    filter->AddNumber(of_class, of_column, number.As<Napi::Number>().Int64Value());
    return true;
  }
  if (!text.IsString() || !IsColumn(of_class, of_column, true)) return false;
  const std::string bytes = text.As<Napi::String>();
  if (bytes.empty()) return false;
  int place = LiteralMatcher::kAnywhere;
  if (literal.Get("atStart").ToBoolean()) place |= LiteralMatcher::kAtStart;
  if (literal.Get("atEnd").ToBoolean()) place |= LiteralMatcher::kAtEnd;
  filter->Add(of_class, of_column, bytes, static_cast<LiteralMatcher::Place>(place));
  return true;
}

// scan(after, upto): a byte for each class and each literal, or null.
Napi::Value Scan(const Napi::CallbackInfo& info, const LiteralFilter& filter) {
  const Napi::Env env = info.Env();
  if (!info[0].IsBigInt() || !info[1].IsBigInt()) return Refuse(env, "scan needs two seqs");
  bool lossless;
  const int64_t after = info[0].As<Napi::BigInt>().Int64Value(&lossless);
  const int64_t upto = info[1].As<Napi::BigInt>().Int64Value(&lossless);
  LiteralFilter::Found found;
  if (!filter.Scan(after, upto, &found)) return env.Null();
  Napi::Uint8Array out = Napi::Uint8Array::New(env, schema::kClassCount + found.literals.size());
  for (int c = 0; c < schema::kClassCount; ++c) out[static_cast<size_t>(c)] = found.rows[c];
  std::copy(found.literals.begin(), found.literals.end(), out.Data() + schema::kClassCount);
  return out;
}

// openLiteralFilter(path, literals)
Napi::Value Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsArray()) {
    return Refuse(env, "a literal filter needs the path of a store and a list of literals");
  }
  auto filter = std::make_shared<LiteralFilter>(info[0].As<Napi::String>().Utf8Value());
  const auto literals = info[1].As<Napi::Array>();
  for (uint32_t i = 0; i < literals.Length(); ++i) {
    const Napi::HandleScope scope(env);
    if (!AddLiteral(literals.Get(i), filter.get())) {
      return Refuse(env,
                    "a literal is a text that is not empty, of a text column of a class, or a "
                    "number, of one with numbers");
    }
  }
  filter->Build();
  Napi::Object handle = Napi::Object::New(env);
  handle.Set(
      "scan",
      Napi::Function::New(
          env, [filter](const Napi::CallbackInfo& call) { return Scan(call, *filter); }, "scan"));
  return handle;
}

}  // namespace

void InitRules(Napi::Env env, Napi::Object exports) {
  exports.Set("openLiteralFilter", Napi::Function::New(env, Open, "openLiteralFilter"));
}

}  // namespace weir
