#include "batch/row_values.h"

#include <cmath>
#include <string>

namespace weir {

namespace {

using schema::Kind;
using schema::PhysicalColumn;

bool Refuse(Napi::Env env, const std::string& name, const char* why) {
  Napi::TypeError::New(env, "column " + name + ": " + why).ThrowAsJavaScriptException();
  return false;
}

int Find(const schema::ClassSpec& spec, const std::string& name) {
  for (int c = 0; c < spec.count; ++c) {
    if (name == spec.columns[c].name) return c;
  }
  return -1;
}

bool ToInteger(const Napi::Value& value, int64_t* out) {
  if (value.IsBigInt()) {
    bool lossless = false;
    *out = value.As<Napi::BigInt>().Int64Value(&lossless);
    return lossless;
  }
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (std::trunc(number) != number || std::fabs(number) > 9007199254740992.0) return false;
  *out = static_cast<int64_t>(number);
  return true;
}

bool SetText(BatchBuilder& builder, int column, const std::string& name, const Napi::Value& value) {
  if (value.IsString()) {
    builder.SetText(column, value.As<Napi::String>().Utf8Value());
    return true;
  }
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    const auto bytes = value.As<Napi::Uint8Array>();
    builder.SetText(column, {reinterpret_cast<const char*>(bytes.Data()), bytes.ElementLength()});
    return true;
  }
  return Refuse(value.Env(), name, "text must be a string, bytes or null");
}

bool SetInteger(BatchBuilder& builder, int column, const PhysicalColumn& spec,
                const Napi::Value& value) {
  int64_t integer = 0;
  if (!ToInteger(value, &integer)) {
    return Refuse(value.Env(), spec.name, "must be an integer of 64 bits");
  }
  if (spec.kind == Kind::kI64) {
    builder.SetI64(column, integer);
    return true;
  }
  if (integer < 0 || integer > UINT32_MAX) {
    return Refuse(value.Env(), spec.name, "must be an integer from 0 to 4294967295");
  }
  builder.SetU32(column, static_cast<uint32_t>(integer));
  return true;
}

}  // namespace

bool SetRow(BatchBuilder& builder, const Napi::Object& row) {
  const auto& spec = schema::kClasses[builder.event_class()];
  const Napi::Array keys = row.GetPropertyNames();
  for (uint32_t k = 0; k < keys.Length(); ++k) {
    const std::string name = keys.Get(k).As<Napi::String>().Utf8Value();
    const int column = Find(spec, name);
    if (column < 0) return Refuse(row.Env(), name, "the class has none of that name");
    if (spec.columns[column].origin == schema::Origin::kStream) {
      return Refuse(row.Env(), name, "is filled by the stream");
    }
    const Napi::Value value = row.Get(name);
    if (value.IsNull() || value.IsUndefined()) continue;
    const bool set = spec.columns[column].kind == Kind::kText
                         ? SetText(builder, column, name, value)
                         : SetInteger(builder, column, spec.columns[column], value);
    if (!set) return false;
  }
  return true;
}

}  // namespace weir
