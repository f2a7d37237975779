#include "net/netlink_binding.h"

#include <cstring>
#include <memory>
#include <string>

#include "net/netlink_listener.h"
#include "waker.h"

namespace weir {

namespace {

using net::NetlinkGroup;
using net::NetlinkListener;

class NetlinkObject : public Napi::ObjectWrap<NetlinkObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NetlinkListener",
        {InstanceMethod<&NetlinkObject::Open>("open"), InstanceMethod<&NetlinkObject::Take>("take"),
         InstanceMethod<&NetlinkObject::CloseIt>("close")});
  }

  explicit NetlinkObject(const Napi::CallbackInfo& info);
  ~NetlinkObject() override { Close(); }

 private:
  Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Take(const Napi::CallbackInfo& info);
  Napi::Value CloseIt(const Napi::CallbackInfo& info);

  void Close();
  static void OnEnvironmentEnd(void* self) { static_cast<NetlinkObject*>(self)->Close(); }

  std::unique_ptr<NetlinkListener> listener_;
  Waker waker_;
  bool running_ = false;
};

bool GroupOf(const std::string& name, NetlinkGroup* group) {
  if (name == "kernel") *group = NetlinkGroup::kKernelDevices;
  if (name == "udev") *group = NetlinkGroup::kUdev;
  if (name == "audit") *group = NetlinkGroup::kAudit;
  return name == "kernel" || name == "udev" || name == "audit";
}

// new NetlinkListener(group, types)
NetlinkObject::NetlinkObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<NetlinkObject>(info) {
  const Napi::Env env = info.Env();
  NetlinkGroup group;
  if (!info[0].IsString() || !GroupOf(info[0].As<Napi::String>().Utf8Value(), &group) ||
      !info[1].IsArray()) {
    Napi::TypeError::New(env, "NetlinkListener needs kernel, udev or audit, and ranges of types")
        .ThrowAsJavaScriptException();
    return;
  }
  NetlinkListener::Ranges types;
  const auto ranges = info[1].As<Napi::Array>();
  for (uint32_t i = 0; i < ranges.Length(); ++i) {
    const Napi::Value range = ranges[i];
    const auto end = [&](uint32_t at) {
      const Napi::Value value = range.As<Napi::Array>()[at];
      return static_cast<uint16_t>(value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : 0);
    };
    if (range.IsArray()) types.emplace_back(end(0), end(1));
  }
  listener_ = std::make_unique<NetlinkListener>(group, std::move(types));
}

// open(wake): '' or the name of an errno
Napi::Value NetlinkObject::Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction() || running_) {
    Napi::TypeError::New(env, "open needs a function, once").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  waker_.Open(env, info[0].As<Napi::Function>(), "weir netlink");
  const int error = listener_->Open([this] { waker_.Wake(); });
  if (error != 0) {
    waker_.Close();
    return Napi::String::New(env, strerrorname_np(error));
  }
  running_ = true;
  Ref();  // the thread uses it
  napi_add_env_cleanup_hook(env, OnEnvironmentEnd, this);
  return Napi::String::New(env, "");
}

// take(most): {messages, lost, overruns}
Napi::Value NetlinkObject::Take(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int64_t most = info[0].IsNumber() ? info[0].As<Napi::Number>().Int64Value() : 0;
  const net::NetlinkTaken taken = listener_->Take(static_cast<size_t>(most < 0 ? 0 : most));
  auto messages = Napi::Array::New(env, taken.messages.size());
  for (uint32_t i = 0; i < taken.messages.size(); ++i) {
    const net::NetlinkMessage& message = taken.messages[i];
    auto object = Napi::Object::New(env);
    object.Set("timeNs", Napi::BigInt::New(env, message.time_ns));
    object.Set("boottimeNs", Napi::BigInt::New(env, message.boottime_ns));
    object.Set("type", Napi::Number::New(env, message.type));
    object.Set("bytes", Napi::Buffer<char>::Copy(env, message.bytes.data(), message.bytes.size()));
    messages.Set(i, object);
  }
  auto result = Napi::Object::New(env);
  result.Set("messages", messages);
  result.Set("lost", Napi::Number::New(env, static_cast<double>(taken.lost)));
  result.Set("overruns", Napi::Number::New(env, static_cast<double>(taken.overruns)));
  return result;
}

// Any number of times. The thread is joined first: it may be in Wake right now.
void NetlinkObject::Close() {
  if (!running_) return;
  running_ = false;
  listener_->Close();
  waker_.Close();
}

Napi::Value NetlinkObject::CloseIt(const Napi::CallbackInfo& info) {
  if (running_) {
    napi_remove_env_cleanup_hook(info.Env(), OnEnvironmentEnd, this);
    Close();
    Unref();
  }
  return info.Env().Undefined();
}

}  // namespace

void InitNetlink(Napi::Env env, Napi::Object exports) {
  exports.Set("NetlinkListener", NetlinkObject::Define(env));
}

}  // namespace weir
