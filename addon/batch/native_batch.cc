#include "batch/native_batch.h"

#include <cstring>
#include <utility>

#include "batch/env_data.h"

namespace weir {

namespace {

// A wrong object must throw, not be read as a batch.
constexpr napi_type_tag kTag = {0x8f1c7a52e9b04d36, 0xb2d94e6017f3a8c5};

// Two hundred property stores through Node-API take longer than the rest of a small batch; V8 does
// them in a microsecond.
constexpr char kMakeColumns[] = R"((layouts) => {
  const columns = [];
  for (let i = 0; i < layouts.length; i += 4) {
    columns.push({
      data: layouts[i],
      dictionaryCount: layouts[i + 1],
      dictionaryOffsets: layouts[i + 2],
      dictionaryBytes: layouts[i + 3],
    });
  }
  return columns;
})";
static_assert(sizeof(ColumnLayout) == 4 * sizeof(uint32_t));

}  // namespace

Napi::Function NativeBatch::Define(Napi::Env env) {
  EnvData::Of(env).make_columns =
      Napi::Persistent(env.RunScript(kMakeColumns).As<Napi::Function>());
  return DefineClass(env, "NativeBatch",
                     {InstanceAccessor<&NativeBatch::EventClass>("eventClass", napi_enumerable),
                      InstanceAccessor<&NativeBatch::Rows>("rows", napi_enumerable),
                      InstanceAccessor<&NativeBatch::Buffer>("buffer", napi_enumerable),
                      InstanceAccessor<&NativeBatch::Columns>("columns", napi_enumerable)});
}

NativeBatch* NativeBatch::From(Napi::Value value) {
  if (!value.IsObject()) return nullptr;
  auto object = value.As<Napi::Object>();
  if (!object.CheckTypeTag(&kTag)) return nullptr;
  return Unwrap(object);
}

NativeBatch::NativeBatch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeBatch>(info) {
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

NativeBatch::~NativeBatch() {
  if (batch_)
    Napi::MemoryManagement::AdjustExternalMemory(Env(), -static_cast<int64_t>(batch_->size));
}

void NativeBatch::Adopt(Napi::Env env, BatchPtr batch) {
  batch_ = std::move(batch);
  event_class_ = batch_->event_class;
  rows_ = batch_->rows;
  // V8 collects by what it believes to be allocated; it knows nothing of the batch behind us.
  Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<int64_t>(batch_->size));
}

void NativeBatch::Release(Napi::Env env) {
  if (!batch_) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, -static_cast<int64_t>(batch_->size));
  batch_.reset();
  if (!buffer_.IsEmpty()) {
    auto buffer = buffer_.Value().As<Napi::ArrayBuffer>();
    if (!buffer.IsDetached()) buffer.Detach();
    buffer_.Reset();
  }
  columns_.Reset();
}

Napi::Value NativeBatch::EventClass(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), event_class_);
}

Napi::Value NativeBatch::Rows(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), rows_);
}

Napi::Value NativeBatch::Buffer(const Napi::CallbackInfo& info) {
  if (!buffer_.IsEmpty()) return buffer_.Value();
  if (!batch_) {
    Napi::TypeError::New(info.Env(), "batch was released").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  // Typed arrays over the buffer may outlive this object, so it owns a share of its own.
  auto* share = new BatchPtr(batch_);
  auto buffer = Napi::ArrayBuffer::New(
      info.Env(), batch_->memory.get(), batch_->size,
      [](Napi::Env, void*, BatchPtr* share) { delete share; }, share);
  if (buffer.IsEmpty()) {
    delete share;
    return info.Env().Undefined();
  }
  buffer_ = Napi::Persistent(buffer.As<Napi::Object>());
  return buffer;
}

Napi::Value NativeBatch::Columns(const Napi::CallbackInfo& info) {
  if (!columns_.IsEmpty()) return columns_.Value();
  const Napi::Env env = info.Env();
  if (!batch_) {
    Napi::TypeError::New(env, "batch was released").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto layouts = Napi::Uint32Array::New(env, batch_->columns.size() * 4);
  memcpy(layouts.Data(), batch_->columns.data(), layouts.ByteLength());
  const Napi::Value columns = EnvData::Of(env).make_columns.Call({layouts});
  if (!columns.IsObject()) return env.Undefined();
  columns_ = Napi::Persistent(columns.As<Napi::Object>());
  return columns;
}

}  // namespace weir
