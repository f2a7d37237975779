#include "sensor/sensor_binding.h"

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "batch/batch_binding.h"
#include "sensor/identity.h"
#include "sensor/kernel_filters.h"
#include "sensor/netlink/netlink_sensor.h"
#include "sensor/sensor.h"
#include "sensor/sensor_error.h"
#include "waker.h"

namespace weir {

namespace {

class SensorObject : public Napi::ObjectWrap<SensorObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Sensor",
        {InstanceMethod<&SensorObject::Start>("start"), InstanceMethod<&SensorObject::Next>("next"),
         InstanceMethod<&SensorObject::Configure>("configure"),
         InstanceMethod<&SensorObject::Hooks>("hooks"),
         InstanceMethod<&SensorObject::Drain>("drain"),
         InstanceMethod<&SensorObject::Stop>("stop")});
  }

  explicit SensorObject(const Napi::CallbackInfo& info);
  ~SensorObject() override { Close(); }

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Next(const Napi::CallbackInfo& info);
  Napi::Value Configure(const Napi::CallbackInfo& info);
  Napi::Value Hooks(const Napi::CallbackInfo& info);
  Napi::Value Drain(const Napi::CallbackInfo& info);
  Napi::Value Stop(const Napi::CallbackInfo& info);

  void Close();
  static void OnEnvironmentEnd(void* self) { static_cast<SensorObject*>(self)->Close(); }

  std::unique_ptr<EventSource> sensor_;
  Waker waker_;
  bool running_ = false;
};

bool ReadOptions(const Napi::Object& options, SensorSettings* settings, bool* netlink) {
  const Napi::Env env = options.Env();
  const auto refuse = [&env](const char* why) {
    Napi::TypeError::New(env, why).ThrowAsJavaScriptException();
    return false;
  };
  const Napi::Value directory = options.Get("bpfDirectory");
  *netlink = directory.IsNull();
  if (!*netlink && !directory.IsString()) return refuse("bpfDirectory must be a path or null");
  if (!*netlink) settings->bpf_directory = directory.As<Napi::String>().Utf8Value();
  if (!ReadFilters(options.Get("filters"), &settings->kernel)) return false;
  if (const Napi::Value value = options.Get("queueBatches"); !value.IsUndefined()) {
    if (!value.IsNumber() || !(value.As<Napi::Number>().DoubleValue() >= 1)) {
      return refuse("queueBatches must be at least 1");
    }
    settings->queue_batches = value.As<Napi::Number>().Uint32Value();
  }
  if (const Napi::Value value = options.Get("batchMs"); !value.IsUndefined()) {
    const double ms = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
    if (!(ms >= 0 && ms <= 1000)) return refuse("batchMs must be from 0 to 1000");
    settings->batch_ns = static_cast<int64_t>(ms * 1e6);
  }
  if (const Napi::Value value = options.Get("tiers"); !value.IsUndefined()) {
    if (!value.IsString() ||
        !ParseBestTier(value.As<Napi::String>().Utf8Value(), &settings->best_tier)) {
      return refuse("tiers must be best, kprobe or tracepoint");
    }
  }
  const Napi::Value known = options.Get("knownImages");
  if (known.IsUndefined()) return true;
  if (!known.IsObject()) return refuse("knownImages must be an object");
  const Napi::Value processes = known.As<Napi::Object>().Get("processIds");
  const Napi::Value images = known.As<Napi::Object>().Get("execIds");
  const auto is_ids = [](const Napi::Value& value) {
    return value.IsTypedArray() &&
           value.As<Napi::TypedArray>().TypedArrayType() == napi_bigint64_array;
  };
  if (!is_ids(processes) || !is_ids(images)) return refuse("knownImages must hold BigInt64Arrays");
  const auto process_ids = processes.As<Napi::BigInt64Array>();
  const auto exec_ids = images.As<Napi::BigInt64Array>();
  if (process_ids.ElementLength() != exec_ids.ElementLength()) {
    return refuse("knownImages must hold arrays of one length");
  }
  for (size_t i = 0; i < process_ids.ElementLength(); ++i) {
    settings->known.push_back({process_ids[i], exec_ids[i]});
  }
  return true;
}

SensorObject::SensorObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SensorObject>(info) {
  const Napi::Env env = info.Env();
  SensorSettings settings;
  if (!info[0].IsObject()) {
    Napi::TypeError::New(env, "Sensor needs options").ThrowAsJavaScriptException();
    return;
  }
  bool netlink = false;
  if (!ReadOptions(info[0].As<Napi::Object>(), &settings, &netlink)) return;
  const auto wake = [this] { waker_.Wake(); };
  if (netlink) {
    sensor_ = std::make_unique<NetlinkSensor>(std::move(settings), wake);
  } else {
    sensor_ = std::make_unique<Sensor>(std::move(settings), wake);
  }
}

// start(wake)
Napi::Value SensorObject::Start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction()) {
    Napi::TypeError::New(env, "start needs a function").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  if (running_) {
    ThrowSensorError(env, {"SENSOR_RUNNING", "The sensor runs already."});
    return env.Undefined();
  }
  waker_.Open(env, info[0].As<Napi::Function>(), "weir sensor");
  ProgramsError error;
  if (!sensor_->Start(&error)) {
    waker_.Close();
    ThrowSensorError(env, Explain(error));
    return env.Undefined();
  }
  running_ = true;
  // A sensor that runs is used: it may not be collected, and has to end before its environment.
  Ref();
  napi_add_env_cleanup_hook(env, OnEnvironmentEnd, this);
  return env.Undefined();
}

// Any number of times. The reader is joined first: it may be in Wake right now.
void SensorObject::Close() {
  if (!running_) return;
  running_ = false;
  sensor_->Stop();
  waker_.Close();
}

Napi::Value SensorObject::Next(const Napi::CallbackInfo& info) {
  BatchPtr batch = sensor_->Next();
  return batch == nullptr ? info.Env().Null() : BatchToValue(info.Env(), std::move(batch));
}

// configure(filters)
Napi::Value SensorObject::Configure(const Napi::CallbackInfo& info) {
  KernelSettings settings;
  if (!ReadFilters(info[0], &settings)) return info.Env().Undefined();
  ProgramsError error;
  if (!sensor_->Configure(settings, &error)) ThrowSensorError(info.Env(), Explain(error));
  return info.Env().Undefined();
}

Napi::Value SensorObject::Hooks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<Hook> hooks = sensor_->hooks();
  auto result = Napi::Array::New(env, hooks.size());
  for (uint32_t i = 0; i < hooks.size(); ++i) {
    const Hook& hook = hooks[i];
    auto object = Napi::Object::New(env);
    object.Set("event", hook.event);
    object.Set("program", hook.program);
    object.Set("hook", hook.hook);
    object.Set("tier", hook.tier);
    object.Set("whyNotBetter", hook.why_not_better);
    object.Set("variant", hook.variant);
    object.Set("wanted", hook.wanted);
    object.Set("attached", hook.attached);
    object.Set("reason", hook.reason);
    object.Set("classes", hook.classes);
    object.Set("runTimeNs", static_cast<double>(hook.run_time_ns));
    object.Set("runCount", static_cast<double>(hook.run_count));
    result.Set(i, object);
  }
  return result;
}

Napi::Value SensorObject::Drain(const Napi::CallbackInfo& info) {
  if (running_) sensor_->Drain();
  return info.Env().Undefined();
}

Napi::Value SensorObject::Stop(const Napi::CallbackInfo& info) {
  if (running_) {
    napi_remove_env_cleanup_hook(info.Env(), OnEnvironmentEnd, this);
    Close();
    Unref();
  }
  return info.Env().Undefined();
}

Napi::Value BootId(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), Identity::OfThisBoot().boot_id());
}

}  // namespace

void InitSensor(Napi::Env env, Napi::Object exports) {
  exports.Set("Sensor", SensorObject::Define(env));
  exports.Set("bootId", Napi::Function::New<BootId>(env, "bootId"));
}

}  // namespace weir
