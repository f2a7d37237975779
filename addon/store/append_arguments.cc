#include "store/append_arguments.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace weir::store {

namespace {

constexpr size_t kSmallBatch = 64;

bool Refuse(Napi::Env env, const char* message) {
  Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
  return false;
}

bool ReadValues(Napi::Array values, StreamText* out) {
  out->offsets.assign({0, 0});
  for (uint32_t code = 1; code < values.Length(); ++code) {
    const Napi::HandleScope scope(values.Env());
    const Napi::Value value = values.Get(code);
    if (!value.IsString()) return Refuse(values.Env(), "values of a stream column must be strings");
    out->bytes += value.As<Napi::String>().Utf8Value();
    out->offsets.push_back(static_cast<uint32_t>(out->bytes.size()));
  }
  return true;
}

bool ReadOne(Napi::Object from, const Batch& batch, StreamText* out) {
  const Napi::Env env = from.Env();
  const schema::ClassSpec& spec = schema::kClasses[batch.event_class];
  const Napi::Value column = from.Get("column");
  out->column = column.IsNumber() ? column.As<Napi::Number>().Int32Value() : -1;
  if (out->column < 0 || out->column >= spec.count ||
      spec.columns[out->column].kind != schema::Kind::kText) {
    return Refuse(env, "a stream column must name a text column of the class");
  }
  const Napi::Value codes = from.Get("codes");
  const Napi::Value values = from.Get("values");
  if (!codes.IsTypedArray() || codes.As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array ||
      !values.IsArray()) {
    return Refuse(env, "a stream column needs codes (Uint32Array) and values");
  }
  const auto array = codes.As<Napi::Uint32Array>();
  if (array.ElementLength() < batch.rows) {
    return Refuse(env, "a stream column needs a code for each row");
  }
  out->codes.assign(array.Data(), array.Data() + batch.rows);
  if (!ReadValues(values.As<Napi::Array>(), out)) return false;
  const uint32_t entries = static_cast<uint32_t>(out->offsets.size()) - 1;
  if (std::any_of(out->codes.begin(), out->codes.end(),
                  [entries](uint32_t code) { return code >= entries; })) {
    return Refuse(env, "a code of a stream column has no value");
  }
  return true;
}

}  // namespace

bool ReadSelection(Napi::Value value, const Batch& batch, std::vector<uint32_t>* rows) {
  if (value.IsNull() || value.IsUndefined()) {
    rows->resize(batch.rows);
    std::iota(rows->begin(), rows->end(), 0);
    return true;
  }
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array ||
      value.As<Napi::TypedArray>().ElementLength() < batch.rows) {
    return Refuse(value.Env(), "the selection must be a Uint8Array with a byte for each row");
  }
  const uint8_t* selected = value.As<Napi::Uint8Array>().Data();
  rows->reserve(batch.rows);
  for (uint32_t row = 0; row < batch.rows; ++row) {
    if (selected[row] == 1) rows->push_back(row);
  }
  return true;
}

bool ReadStreamColumns(Napi::Value value, const Batch& batch, std::vector<StreamText>* columns) {
  if (value.IsUndefined()) return true;
  if (!value.IsArray()) return Refuse(value.Env(), "stream columns must be an array");
  const auto list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value one = list.Get(i);
    if (!one.IsObject()) return Refuse(value.Env(), "a stream column must be an object");
    columns->emplace_back();
    if (!ReadOne(one.As<Napi::Object>(), batch, &columns->back())) return false;
  }
  return true;
}

void CompactRows(BatchPtr* batch, std::vector<StreamText>* columns, std::vector<uint32_t>* rows) {
  if ((*batch)->rows < kSmallBatch || rows->empty() || rows->size() > (*batch)->rows / 4) return;
  BatchBuilder builder((*batch)->event_class);
  for (const uint32_t row : *rows) builder.CopyRow(**batch, row);
  for (StreamText& column : *columns) {
    for (size_t i = 0; i < rows->size(); ++i) column.codes[i] = column.codes[(*rows)[i]];
    column.codes.resize(rows->size());
    column.codes.shrink_to_fit();
  }
  *batch = builder.Seal();
  std::iota(rows->begin(), rows->end(), 0);
}

}  // namespace weir::store
