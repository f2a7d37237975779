#include "batch/row_keeper.h"

#include <utility>

#include "batch/batch_binding.h"
#include "batch/packed_row.h"

namespace weir {

namespace {

// The common columns have the same numbers in every class.
namespace column = schema::file_column;

bool Is(const Napi::Value& value, napi_typedarray_type type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

}  // namespace

Napi::Function RowKeeper::Define(Napi::Env env) {
  return DefineClass(
      env, "RowKeeper",
      {InstanceMethod<&RowKeeper::Put>("put"), InstanceMethod<&RowKeeper::Free>("free"),
       InstanceMethod<&RowKeeper::Emit>("emit"), InstanceAccessor<&RowKeeper::Size>("size")});
}

RowKeeper::RowKeeper(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RowKeeper>(info) {
  const int64_t event_class = info[0].IsNumber() ? info[0].As<Napi::Number>().Int64Value() : -1;
  if (event_class < 0 || event_class >= schema::kClassCount) {
    Napi::TypeError::New(info.Env(), "RowKeeper needs an event class").ThrowAsJavaScriptException();
    return;
  }
  event_class_ = static_cast<int>(event_class);
}

// put(batch, row)
Napi::Value RowKeeper::Put(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const BatchPtr batch = BatchFromValue(info[0]);
  if (!batch) return env.Undefined();
  const int64_t row = info[1].IsNumber() ? info[1].As<Napi::Number>().Int64Value() : -1;
  if (batch->event_class != event_class_ || row < 0 || row >= batch->rows) {
    Napi::RangeError::New(env, "put needs a batch of the keeper's class and a row in it")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  std::string packed = PackRow(*batch, static_cast<uint32_t>(row));
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(rows_.size()));
    rows_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  rows_[slot] = std::move(packed);
  return Napi::Number::New(env, slot);
}

bool RowKeeper::Holds(const Napi::Value& slot, uint32_t* index) const {
  const int64_t number = slot.IsNumber() ? slot.As<Napi::Number>().Int64Value() : -1;
  if (number < 0 || number >= static_cast<int64_t>(rows_.size()) || rows_[number].empty()) {
    return false;
  }
  *index = static_cast<uint32_t>(number);
  return true;
}

void RowKeeper::Drop(uint32_t slot) {
  std::string().swap(rows_[slot]);
  free_.push_back(slot);
}

// free(slot)
Napi::Value RowKeeper::Free(const Napi::CallbackInfo& info) {
  uint32_t slot = 0;
  if (Holds(info[0], &slot)) {
    Drop(slot);
  } else {
    Napi::RangeError::New(info.Env(), "slot is not in use").ThrowAsJavaScriptException();
  }
  return info.Env().Undefined();
}

// emit(slots, counts, firstTimes, lastTimes, opIds)
Napi::Value RowKeeper::Emit(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!Is(info[0], napi_uint32_array) || !Is(info[1], napi_uint32_array) ||
      !Is(info[2], napi_bigint64_array) || !Is(info[3], napi_bigint64_array) ||
      !Is(info[4], napi_bigint64_array)) {
    Napi::TypeError::New(
        env, "emit needs slots and counts (Uint32Array), times and op ids (BigInt64Array)")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const auto slots = info[0].As<Napi::Uint32Array>();
  const auto counts = info[1].As<Napi::Uint32Array>();
  const auto first = info[2].As<Napi::BigInt64Array>();
  const auto last = info[3].As<Napi::BigInt64Array>();
  const auto op_ids = info[4].As<Napi::BigInt64Array>();
  const size_t rows = slots.ElementLength();
  if (counts.ElementLength() != rows || first.ElementLength() != rows ||
      last.ElementLength() != rows || op_ids.ElementLength() != rows) {
    Napi::RangeError::New(env, "emit needs arrays of one length").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  for (size_t r = 0; r < rows; ++r) {
    if (slots[r] < rows_.size() && !rows_[slots[r]].empty()) continue;
    Napi::RangeError::New(env, "slot is not in use").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  BatchBuilder builder(event_class_);
  for (size_t r = 0; r < rows; ++r) {
    UnpackRow(rows_[slots[r]], builder);
    // Boot time moves with wall time: the distance between two repeats is the same on both.
    const int64_t moved = last[r] - builder.GetI64(column::kTimeNs);
    builder.SetI64(column::kBoottimeNs, builder.GetI64(column::kBoottimeNs) + moved);
    builder.SetI64(column::kTimeNs, last[r]);
    builder.SetI64(column::kFirstTimeNs, first[r]);
    builder.SetI64(column::kOpId, op_ids[r]);
    builder.SetU32(column::kCount, counts[r]);
  }
  for (size_t r = 0; r < rows; ++r) {
    if (!rows_[slots[r]].empty()) Drop(slots[r]);
  }
  return BatchToValue(env, builder.Seal());
}

Napi::Value RowKeeper::Size(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(rows_.size() - free_.size()));
}

}  // namespace weir
