#include "store/connections_binding.h"

#include "store/connection.h"
#include "store/temporary_files.h"

namespace weir::store {

namespace {

int64_t Integer(Napi::Value value, int64_t otherwise) {
  if (value.IsBigInt()) {
    bool lossless;
    return value.As<Napi::BigInt>().Int64Value(&lossless);
  }
  return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : otherwise;
}

int IdOf(const Napi::CallbackInfo& info) { return static_cast<int>(Integer(info[0], 0)); }

// Runs `use` on the connection that the first argument names; throws when it is closed.
Napi::Value On(const Napi::CallbackInfo& info, const std::function<void(Connection&)>& use) {
  if (!WithConnection(IdOf(info), use)) {
    Napi::Error error = Napi::Error::New(info.Env(), "no such connection: it may be closed");
    error.Set("code", Napi::String::New(info.Env(), "CONNECTION_CLOSED"));
    error.ThrowAsJavaScriptException();
  }
  return info.Env().Undefined();
}

Napi::Value SetWindow(const Napi::CallbackInfo& info) {
  const Window window{true, Integer(info[1], 0), Integer(info[2], INT64_MAX)};
  return On(info, [&](Connection& connection) { connection.SetWindow(window); });
}

Napi::Value Stats(const Napi::CallbackInfo& info) {
  Napi::Object out = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, const std::atomic<uint64_t>& count) {
    out.Set(name, static_cast<double>(count.load(std::memory_order_relaxed)));
  };
  const Napi::Value known = On(info, [&](Connection& connection) {
    set("blocks", connection.stats().blocks);
    set("skipped", connection.stats().skipped);
    set("rows", connection.stats().rows);
  });
  return info.Env().IsExceptionPending() ? known : out;
}

Napi::Value Deadline(const Napi::CallbackInfo& info) {
  const Napi::Value known = On(info, [](Connection&) {});
  if (info.Env().IsExceptionPending()) return known;
  return Napi::Number::New(info.Env(), SetDeadline(IdOf(info), Integer(info[1], 0)));
}

}  // namespace

Napi::Object MakeConnections(Napi::Env env) {
  Napi::Object out = Napi::Object::New(env);
  const auto method = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    out.Set(name, Napi::Function::New(env, call, name));
  };
  method("last", [](const Napi::CallbackInfo& info) -> Napi::Value {
    return Napi::Number::New(info.Env(), LastConnection());
  });
  method("restrict", [](const Napi::CallbackInfo& info) {
    return On(info, [](Connection& connection) { Restrict(connection.db()); });
  });
  method("deadline", Deadline);
  method("expired", [](const Napi::CallbackInfo& info) -> Napi::Value {
    return Napi::Boolean::New(info.Env(), DeadlineExpired(IdOf(info)));
  });
  method("interrupt", [](const Napi::CallbackInfo& info) {
    return On(info, [](Connection& connection) { connection.Interrupt(); });
  });
  method("limitTemporaryFiles", [](const Napi::CallbackInfo& info) {
    LimitTemporaryFiles(Integer(info[0], TemporaryFilesLimit()));
    return info.Env().Undefined();
  });
  method("boundTemporaryFiles", [](const Napi::CallbackInfo& info) -> Napi::Value {
    return Napi::Boolean::New(info.Env(), BoundTemporaryFiles());
  });
  method("temporaryFilesRefused", [](const Napi::CallbackInfo& info) -> Napi::Value {
    if (!TemporaryFilesRefused()) return info.Env().Null();
    return Napi::Number::New(info.Env(), static_cast<double>(TemporaryFilesLimit()));
  });
  method("temporaryFiles", [](const Napi::CallbackInfo& info) -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(TemporaryFilesBytes()));
  });
  method("stats", Stats);
  method("setWindow", SetWindow);
  method("clearWindow", [](const Napi::CallbackInfo& info) {
    return On(info, [](Connection& connection) { connection.SetWindow({}); });
  });
  return out;
}

}  // namespace weir::store
