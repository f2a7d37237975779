#include "capture/capture_binding.h"

#include <memory>
#include <string>

#include "batch/batch_binding.h"
#include "capture/capture_reader.h"

namespace weir {

namespace {

using capture::CaptureReader;
using capture::FieldPlan;
using capture::Filled;
using capture::TablePlan;

// Of CaptureFieldPlan.form.
FieldPlan::Form FormOf(const std::string& name) {
  if (name == "text") return FieldPlan::Form::kText;
  if (name == "integer") return FieldPlan::Form::kInteger;
  return name == "octal" ? FieldPlan::Form::kOctal : FieldPlan::Form::kIgnored;
}

TablePlan ReadPlan(const Napi::Object& from) {
  TablePlan plan;
  plan.name = from.Get("name").ToString();
  plan.event_class = from.Get("eventClass").ToNumber().Int32Value();
  const auto fields = from.Get("fields").As<Napi::Array>();
  for (uint32_t i = 0; i < fields.Length(); ++i) {
    const auto one = fields.Get(i).As<Napi::Object>();
    FieldPlan field;
    field.name = one.Get("name").ToString();
    field.form = FormOf(one.Get("form").ToString());
    field.column = one.Get("column").ToNumber().Int32Value();
    const Napi::Value standard = one.Get("standard");
    if (standard.IsString()) field.standard = standard.As<Napi::String>();
    plan.fields.push_back(std::move(field));
  }
  return plan;
}

Napi::Value StreamColumns(Napi::Env env, const Filled& filled) {
  auto columns = Napi::Array::New(env, filled.stream.size());
  for (uint32_t i = 0; i < filled.stream.size(); ++i) {
    const capture::StreamColumn& from = filled.stream[i];
    auto codes = Napi::Uint32Array::New(env, from.codes.size());
    std::copy(from.codes.begin(), from.codes.end(), codes.Data());
    auto values = Napi::Array::New(env, from.dictionary.count());
    for (uint32_t code = 0; code < from.dictionary.count(); ++code) {
      const std::string_view entry = from.dictionary.Entry(code);
      values.Set(code, Napi::String::New(env, entry.data(), entry.size()));
    }
    auto column = Napi::Object::New(env);
    column.Set("column", from.column);
    column.Set("codes", codes);
    column.Set("values", values);
    columns.Set(i, column);
  }
  return columns;
}

Napi::Value ProblemOf(Napi::Env env, const capture::Problem& problem) {
  auto out = Napi::Object::New(env);
  out.Set("what", problem.what);
  out.Set("name", problem.name);
  out.Set("detail", problem.detail);
  out.Set("file", static_cast<double>(problem.file));
  out.Set("line", static_cast<double>(problem.line));
  auto step = Napi::Object::New(env);
  step.Set("problem", out);
  return step;
}

Napi::Value Next(const Napi::CallbackInfo& info, CaptureReader& reader) {
  const Napi::Env env = info.Env();
  Filled filled;
  auto step = Napi::Object::New(env);
  switch (reader.Next(&filled)) {
    case CaptureReader::Step::kDone:
      return env.Null();
    case CaptureReader::Step::kNeedsMore:
      step.Set("needs", static_cast<double>(reader.needed()));
      return step;
    case CaptureReader::Step::kProblem:
      return ProblemOf(env, reader.problem());
    case CaptureReader::Step::kFilled:
      break;
  }
  step.Set("rows", filled.rows);
  step.Set("bytes", static_cast<double>(filled.batch->size));
  step.Set("columns", StreamColumns(env, filled));
  step.Set("batch", BatchToValue(env, std::move(filled.batch)));
  return step;
}

// readCapture(tables, files)
Napi::Value ReadCapture(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<TablePlan> plans;
  const auto tables = info[0].As<Napi::Array>();
  for (uint32_t i = 0; i < tables.Length(); ++i) {
    plans.push_back(ReadPlan(tables.Get(i).As<Napi::Object>()));
  }
  const uint32_t files = info[1].ToNumber();
  const auto reader = std::make_shared<CaptureReader>(std::move(plans), files);
  auto handle = Napi::Object::New(env);
  const auto method = [&](const char* name, auto call) {
    const auto bound = [reader, call, files](const Napi::CallbackInfo& i) -> Napi::Value {
      if (i.Length() > 0 && i[0].ToNumber().Uint32Value() >= files) {
        Napi::RangeError::New(i.Env(), "there is no such file").ThrowAsJavaScriptException();
        return i.Env().Undefined();
      }
      return call(i, *reader);
    };
    handle.Set(name, Napi::Function::New(env, bound, name));
  };
  method("push", [](const Napi::CallbackInfo& i, CaptureReader& r) -> Napi::Value {
    const auto bytes = i[1].As<Napi::Uint8Array>();
    const bool fits = r.Push(i[0].ToNumber().Uint32Value(),
                             {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()});
    return fits ? i.Env().Null() : ProblemOf(i.Env(), r.problem());
  });
  method("end", [](const Napi::CallbackInfo& i, CaptureReader& r) -> Napi::Value {
    r.End(i[0].ToNumber().Uint32Value());
    return i.Env().Undefined();
  });
  method("next", Next);
  return handle;
}

}  // namespace

void InitCapture(Napi::Env env, Napi::Object exports) {
  exports.Set("readCapture", Napi::Function::New<ReadCapture>(env, "readCapture"));
}

}  // namespace weir
