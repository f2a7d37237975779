#include "store/store_binding.h"

#include <memory>
#include <string>
#include <vector>

#include "batch/batch_binding.h"
#include "store/append_arguments.h"
#include "store/connections_binding.h"
#include "store/set_aside.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace weir {

namespace {

using store::AppendResult;
using store::FlushDone;
using store::Store;
using StorePtr = std::shared_ptr<Store>;

Napi::Value Throw(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

// A promise that the writer thread settles. `finish` runs on the main thread before that.
class Settler {
 public:
  Settler(Napi::Env env, std::function<void()> finish)
      : deferred_(Napi::Promise::Deferred::New(env)),
        finish_(std::move(finish)),
        call_(Napi::ThreadSafeFunction::New(
            env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "weir-store", 0, 1)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }
  // On the writer thread. The object is gone when this has been delivered.
  void Done(const std::string& error) {
    error_ = error;
    Napi::ThreadSafeFunction call = call_;
    // Refused only while the environment ends; then nobody waits for the promise.
    if (call.BlockingCall(this, Deliver) != napi_ok) delete this;
    call.Release();
  }

 private:
  static void Deliver(Napi::Env env, Napi::Function, Settler* self) {
    const std::unique_ptr<Settler> owned(self);
    if (env == nullptr) return;
    const Napi::HandleScope scope(env);
    self->finish_();
    if (self->error_.empty()) {
      self->deferred_.Resolve(env.Undefined());
      return;
    }
    Napi::Error error = Napi::Error::New(env, self->error_);
    error.Set("code", Napi::String::New(env, "STORE_WRITE"));
    self->deferred_.Reject(error.Value());
  }

  Napi::Promise::Deferred deferred_;
  std::function<void()> finish_;
  Napi::ThreadSafeFunction call_;
  std::string error_;
};

Napi::Value Append(const Napi::CallbackInfo& info, Store& store) {
  const Napi::Env env = info.Env();
  BatchPtr batch = BatchFromValue(info[0]);
  if (!batch) return env.Undefined();
  std::vector<uint32_t> rows;
  std::vector<store::StreamText> stream;
  if (!store::ReadSelection(info[1], *batch, &rows) ||
      !store::ReadStreamColumns(info[2], *batch, &stream)) {
    return env.Undefined();
  }
  store::CompactRows(&batch, &stream, &rows);
  const AppendResult result = store.Append(std::move(batch), std::move(stream), std::move(rows));
  Napi::Object out = Napi::Object::New(env);
  out.Set("firstSeq", Napi::BigInt::New(env, result.first_seq));
  out.Set("lastSeq", Napi::BigInt::New(env, result.last_seq));
  out.Set("rows", Napi::Number::New(env, static_cast<double>(result.rows)));
  return out;
}

Napi::Value Coverage(const Napi::CallbackInfo& info, Store& store) {
  const Napi::Env env = info.Env();
  const int event_class = info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : -1;
  if (event_class < 0 || event_class >= schema::kClassCount || !info[1].IsString() ||
      !info[2].IsString()) {
    Napi::TypeError::New(env, "coverage needs an event class, a provider, a tier and on or off")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  store.Coverage(event_class, info[1].As<Napi::String>(), info[2].As<Napi::String>(),
                 info[3].ToBoolean());
  return env.Undefined();
}

Napi::Value Stats(const Napi::CallbackInfo& info, Store& store) {
  const Napi::Env env = info.Env();
  const store::StoreStats stats = store.Stats();
  Napi::Object out = Napi::Object::New(env);
  Napi::Array rows = Napi::Array::New(env);
  Napi::Array bytes = Napi::Array::New(env);
  for (uint32_t c = 0; c < schema::kClassCount; ++c) {
    rows.Set(c, static_cast<double>(stats.rows[c]));
    bytes.Set(c, static_cast<double>(stats.bytes[c]));
  }
  out.Set("rows", rows);
  out.Set("bytes", bytes);
  out.Set("queuedRows", static_cast<double>(stats.queued_rows));
  out.Set("lastFlushMs", static_cast<double>(stats.last_flush_ms));
  out.Set("error", stats.error);
  out.Set("errorCount", static_cast<double>(stats.error_count));
  out.Set("aside", stats.aside);
  return out;
}

// setReadUpTo(seqs)
Napi::Value SetReadUpTo(const Napi::CallbackInfo& info, Store& store) {
  const Napi::Env env = info.Env();
  const bool right = info[0].IsTypedArray() &&
                     info[0].As<Napi::TypedArray>().TypedArrayType() == napi_bigint64_array &&
                     info[0].As<Napi::TypedArray>().ElementLength() == schema::kClassCount;
  if (!right) {
    Napi::TypeError::New(env, "setReadUpTo needs a seq for each class")
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const auto seqs = info[0].As<Napi::BigInt64Array>();
  for (int c = 0; c < schema::kClassCount; ++c) store.SetReadUpTo(c, seqs[static_cast<size_t>(c)]);
  return env.Undefined();
}

// The methods share the store; with the last of them, or the environment, it closes.
Napi::Object MakeHandle(Napi::Env env, StorePtr store) {
  Napi::Object handle = Napi::Object::New(env);
  const auto method = [&](const char* name, auto call) {
    handle.Set(name, Napi::Function::New(
                         env,
                         [store, call](const Napi::CallbackInfo& info) -> Napi::Value {
                           return call(info, *store);
                         },
                         name));
  };
  method("append", Append);
  method("highWater", [](const Napi::CallbackInfo& info, Store& s) -> Napi::Value {
    return Napi::BigInt::New(info.Env(), s.HighWater());
  });
  method("setFilePathsConfigured", [](const Napi::CallbackInfo& info, Store& s) -> Napi::Value {
    s.SetFilePaths(info[0].ToBoolean());
    return info.Env().Undefined();
  });
  method("coverage", Coverage);
  method("stats", Stats);
  method("setReadUpTo", SetReadUpTo);
  method("flush", [](const Napi::CallbackInfo& info, Store& s) -> Napi::Value {
    auto* settler = new Settler(info.Env(), [] {});
    const Napi::Promise promise = settler->promise();
    s.Flush([settler](const std::string& error) { settler->Done(error); });
    return promise;
  });
  method("close", [store](const Napi::CallbackInfo& info, Store& s) -> Napi::Value {
    auto* settler = new Settler(info.Env(), [store] { store->Close({}); });
    const Napi::Promise promise = settler->promise();
    s.BeginClose([settler](const std::string& error) { settler->Done(error); });
    return promise;
  });
  return handle;
}

int64_t NumberOr(const Napi::Object& options, const char* name, int64_t otherwise) {
  const Napi::Value value = options.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : otherwise;
}

store::Limits LimitsOf(const Napi::Object& options) {
  store::Limits limits;
  limits.max_bytes = NumberOr(options, "maxBytes", 0);
  const Napi::Value by_class = options.Get("classLimits");
  for (uint32_t c = 0; c < schema::kClassCount; ++c) {
    limits.by_class[c].max_age_seconds = NumberOr(options, "maxAgeSeconds", 0);
    if (!by_class.IsArray()) continue;
    const Napi::Value own = by_class.As<Napi::Array>().Get(c);
    if (!own.IsObject()) continue;
    store::Limit& limit = limits.by_class[c];
    limit.max_age_seconds =
        NumberOr(own.As<Napi::Object>(), "maxAgeSeconds", limit.max_age_seconds);
    limit.max_bytes = NumberOr(own.As<Napi::Object>(), "maxBytes", 0);
  }
  return limits;
}

// openStore(options)
Napi::Value OpenStore(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject() || !info[0].As<Napi::Object>().Get("path").IsString()) {
    Napi::TypeError::New(env, "openStore needs options with a path").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  if (sqlite3_api == nullptr) {
    return Throw(env, "STORE_NO_SQLITE",
                 "load the extension into a connection before opening the store");
  }
  const auto options = info[0].As<Napi::Object>();
  store::StoreOptions wanted;
  wanted.path = options.Get("path").As<Napi::String>();
  wanted.limits = LimitsOf(options);
  wanted.flush_ms = std::max<int64_t>(1, NumberOr(options, "flushMs", 1000));
  wanted.set_aside = options.Get("setAside").ToBoolean();
  store::StoreError error;
  StorePtr store = Store::Open(wanted, &error);
  std::string aside;
  if (!store && wanted.set_aside && error.code == "STORE_CORRUPT") {
    aside = store::SetAside(wanted.path);
    if (!aside.empty()) store = Store::Open(wanted, &error);
  }
  if (!store) return Throw(env, error.code, error.message);
  // An environment that ends without close() still keeps what was appended.
  napi_add_env_cleanup_hook(
      env,
      [](void* open) {
        const std::unique_ptr<std::weak_ptr<Store>> owned(static_cast<std::weak_ptr<Store>*>(open));
        if (const StorePtr left = owned->lock()) left->Close({});
      },
      new std::weak_ptr<Store>(store));
  if (!aside.empty()) store->WasSetAside(aside);
  return MakeHandle(env, std::move(store));
}

}  // namespace

void InitStore(Napi::Env env, Napi::Object exports) {
  exports.Set("openStore", Napi::Function::New(env, OpenStore, "openStore"));
  exports.Set("connections", store::MakeConnections(env));
}

}  // namespace weir
