#include "net/net_binding.h"

#include <cstring>
#include <memory>
#include <string>

#include "net/peer.h"
#include "net/unix_datagram.h"

namespace weir {

namespace {

using net::UnixDatagram;
using SendMethod = int (UnixDatagram::*)(std::string_view);

// The name of an errno, so that JavaScript need not know numbers; '' for 0.
Napi::Value Named(Napi::Env env, int error) {
  return Napi::String::New(env, error == 0 ? "" : strerrorname_np(error));
}

Napi::Value OpenDatagram(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString()) {
    Napi::TypeError::New(env, "openDatagram needs a path").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto socket = std::make_shared<UnixDatagram>(info[0].As<Napi::String>().Utf8Value());
  Napi::Object handle = Napi::Object::New(env);
  const auto sender = [&](const char* name, SendMethod method) {
    const auto call = [socket, method](const Napi::CallbackInfo& sent) -> Napi::Value {
      if (!sent[0].IsTypedArray()) {
        Napi::TypeError::New(sent.Env(), "a message is bytes").ThrowAsJavaScriptException();
        return sent.Env().Undefined();
      }
      const auto bytes = sent[0].As<Napi::Uint8Array>();
      const std::string_view message(reinterpret_cast<const char*>(bytes.Data()),
                                     bytes.ByteLength());
      return Named(sent.Env(), (*socket.*method)(message));
    };
    handle.Set(name, Napi::Function::New(env, call, name));
  };
  sender("send", &UnixDatagram::Send);
  sender("sendInFile", &UnixDatagram::SendInFile);
  handle.Set("close", Napi::Function::New(
                          env, [socket](const Napi::CallbackInfo&) { socket->Close(); }, "close"));
  return handle;
}

Napi::Value PeerOfSocket(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) {
    Napi::TypeError::New(env, "peerOf needs a descriptor").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  net::Peer peer;
  const int error = net::PeerOf(info[0].As<Napi::Number>().Int32Value(), &peer);
  if (error != 0) {
    Napi::Error::New(env, std::string("peerOf: ") + strerrorname_np(error))
        .ThrowAsJavaScriptException();
    return env.Undefined();
  }
  Napi::Array groups = Napi::Array::New(env, peer.groups.size());
  for (uint32_t i = 0; i < peer.groups.size(); ++i)
    groups[i] = Napi::Number::New(env, peer.groups[i]);
  Napi::Object found = Napi::Object::New(env);
  found["uid"] = Napi::Number::New(env, peer.uid);
  found["gid"] = Napi::Number::New(env, peer.gid);
  found["pid"] = Napi::Number::New(env, peer.pid);
  found["groups"] = groups;
  return found;
}

}  // namespace

void InitNet(Napi::Env env, Napi::Object exports) {
  exports.Set("openDatagram", Napi::Function::New(env, OpenDatagram, "openDatagram"));
  exports.Set("peerOf", Napi::Function::New(env, PeerOfSocket, "peerOf"));
}

}  // namespace weir
