#include "batch/batch_binding.h"

#include <string>

#include "batch/caches.h"
#include "batch/counters.h"
#include "batch/env_data.h"
#include "batch/native_batch.h"
#include "batch/row_keeper.h"
#include "batch/row_values.h"

namespace weir {

namespace {

// buildBatch(eventClass, rows)
Napi::Value BuildBatch(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int64_t event_class = info[0].IsNumber() ? info[0].As<Napi::Number>().Int64Value() : -1;
  if (event_class < 0 || event_class >= schema::kClassCount || !info[1].IsArray()) {
    Napi::TypeError::New(env, "buildBatch needs an event class and an array of rows")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const auto rows = info[1].As<Napi::Array>();
  BatchBuilder builder(static_cast<int>(event_class));
  for (uint32_t r = 0; r < rows.Length(); ++r) {
    const Napi::HandleScope scope(env);
    const Napi::Value row = rows.Get(r);
    builder.BeginRow();
    // The same column in every class; 0 is never the same thing as another.
    builder.SetI64(schema::process_column::kIdentity, 0);
    if (!row.IsObject() || !SetRow(builder, row.As<Napi::Object>())) {
      if (!env.IsExceptionPending()) {
        Napi::TypeError::New(env, "a row must be an object").ThrowAsJavaScriptException();
      }
      return env.Undefined();
    }
  }
  return BatchToValue(env, builder.Seal());
}

// release(batch)
Napi::Value Release(const Napi::CallbackInfo& info) {
  NativeBatch* batch = NativeBatch::From(info[0]);
  if (batch == nullptr) {
    Napi::TypeError::New(info.Env(), "release needs a batch").ThrowAsJavaScriptException();
  } else {
    batch->Release(info.Env());
  }
  return info.Env().Undefined();
}

// count(stage, eventClass, rows)
Napi::Value Count(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string name = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  const int64_t event_class = info[1].IsNumber() ? info[1].As<Napi::Number>().Int64Value() : -1;
  Stage stage = Stage::kStages;
  if (name == "seen") stage = Stage::kSeen;
  if (name == "excludedStream") stage = Stage::kExcludedStream;
  if (name == "coalesced") stage = Stage::kCoalescedStream;
  if (name == "pendingStream") stage = Stage::kPendingStream;
  if (name == "rateLimited") stage = Stage::kRateLimited;
  if (name == "lostRing") stage = Stage::kLostRing;
  if (name == "lostQueue") stage = Stage::kLostQueue;
  if (name == "lostDecode") stage = Stage::kLostDecode;
  if (stage == Stage::kStages || event_class < 0 || event_class >= schema::kClassCount ||
      !info[2].IsNumber()) {
    Napi::TypeError::New(env, "count needs a stream stage, an event class and rows")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const int64_t rows = info[2].As<Napi::Number>().Int64Value();
  TheCounters().Add(stage, static_cast<int>(event_class), rows);
  // What is lost there had been submitted: see Counters::Pending.
  if (stage == Stage::kLostQueue || stage == Stage::kLostDecode) {
    TheCounters().Add(Stage::kSubmitted, static_cast<int>(event_class), rows);
  }
  return env.Undefined();
}

struct LossField {
  const char* name;
  std::initializer_list<Stage> stages;  // their sum
};

const LossField kLossFields[] = {
    {"seen", {Stage::kSeen, Stage::kSplit}},
    {"stored", {Stage::kAppended}},
    {"excludedKernel", {Stage::kExcludedKernel}},
    {"excludedStream", {Stage::kExcludedStream}},
    {"coalesced", {Stage::kCoalescedKernel, Stage::kCoalescedStream, Stage::kFolded}},
    {"rateLimited", {Stage::kRateLimited}},
    {"lostRing", {Stage::kLostRing}},
    {"lostMap", {Stage::kLostMap}},
    {"lostDecode", {Stage::kLostDecode}},
    {"lostQueue", {Stage::kLostQueue}},
    {"lostStore", {Stage::kLostStore}},
    {"recursionMisses", {Stage::kRecursionMiss}},
    {"pageFaults", {Stage::kPageFault}},
};

// loss()
Napi::Value Loss(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Counters& counters = TheCounters();
  counters.Refresh();
  auto result = Napi::Object::New(env);
  for (const LossField& field : kLossFields) {
    auto values = Napi::Array::New(env, schema::kClassCount);
    for (int c = 0; c < schema::kClassCount; ++c) {
      int64_t value = 0;
      for (const Stage stage : field.stages) value += counters.Get(stage, c);
      values.Set(static_cast<uint32_t>(c), Napi::Number::New(env, static_cast<double>(value)));
    }
    result.Set(field.name, values);
  }
  auto pending = Napi::Array::New(env, schema::kClassCount);
  for (int c = 0; c < schema::kClassCount; ++c) {
    pending.Set(static_cast<uint32_t>(c),
                Napi::Number::New(env, static_cast<double>(counters.Pending(c))));
  }
  result.Set("pending", pending);
  return result;
}

// caches()
Napi::Value Caches(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto all = Napi::Array::New(env);
  for (int i = 0; i < static_cast<int>(Cache::kCaches); ++i) {
    const CacheState& state = TheCache(static_cast<Cache>(i));
    auto one = Napi::Object::New(env);
    const auto set = [&](const char* name, const std::atomic<int64_t>& value) {
      one.Set(name, Napi::Number::New(env, static_cast<double>(value.load())));
    };
    one.Set("name", state.name);
    set("entries", state.entries);
    set("bytes", state.bytes);
    set("max_bytes", state.max_bytes);
    set("evicted", state.evicted);
    all.Set(static_cast<uint32_t>(i), one);
  }
  return all;
}

// excluded(): rows that the kernel left out, by slot of the exclusion
Napi::Value Excluded(const Napi::CallbackInfo& info) {
  Counters& counters = TheCounters();
  counters.Refresh();
  auto result = Napi::Float64Array::New(info.Env(), Counters::kExclusionSlots);
  for (uint32_t slot = 0; slot < Counters::kExclusionSlots; ++slot) {
    result[slot] = static_cast<double>(counters.Excluded(slot));
  }
  return result;
}

}  // namespace

Napi::Value BatchToValue(Napi::Env env, BatchPtr batch) {
  const Napi::Object object = EnvData::Of(env).batch_class.New({});
  if (NativeBatch* native = NativeBatch::From(object)) native->Adopt(env, std::move(batch));
  return object;
}

BatchPtr BatchFromValue(Napi::Value value) {
  const NativeBatch* native = NativeBatch::From(value);
  if (native == nullptr || !native->batch()) {
    Napi::TypeError::New(value.Env(),
                         native == nullptr ? "not a batch of this addon" : "batch was released")
        .ThrowAsJavaScriptException();
    return nullptr;
  }
  return native->batch();
}

void InitBatch(Napi::Env env, Napi::Object exports) {
  EnvData::Of(env).batch_class = Napi::Persistent(NativeBatch::Define(env));
  exports.Set("schemaVersion", schema::kVersion);
  exports.Set("buildBatch", Napi::Function::New<BuildBatch>(env, "buildBatch"));
  exports.Set("release", Napi::Function::New<Release>(env, "release"));
  exports.Set("loss", Napi::Function::New<Loss>(env, "loss"));
  exports.Set("caches", Napi::Function::New<Caches>(env, "caches"));
  exports.Set("excluded", Napi::Function::New<Excluded>(env, "excluded"));
  exports.Set("count", Napi::Function::New<Count>(env, "count"));
  exports.Set("RowKeeper", RowKeeper::Define(env));
}

}  // namespace weir
