#include "sensor/kernel_filters.h"

#include <arpa/inet.h>

#include <string>
#include <utility>

namespace weir {

namespace {

bool Refuse(Napi::Env env, const std::string& name, const char* why) {
  if (!env.IsExceptionPending()) {
    Napi::TypeError::New(env, "filters." + name + " " + why).ThrowAsJavaScriptException();
  }
  return false;
}

bool ToU32(const Napi::Value& value, uint32_t* out) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= UINT32_MAX)) return false;
  *out = static_cast<uint32_t>(number);
  return true;
}

bool ToU64(const Napi::Value& value, uint64_t* out) {
  if (!value.IsBigInt()) return false;
  bool lossless = false;
  *out = value.As<Napi::BigInt>().Uint64Value(&lossless);
  return lossless;
}

bool ToText(const Napi::Value& value, std::string* out) {
  if (!value.IsString()) return false;
  *out = value.As<Napi::String>().Utf8Value();
  return true;
}

// Calls `each` with every element of the array of that name; it says whether it could be read.
template <typename Each>
bool ForEach(const Napi::Object& filters, const char* name, Each each) {
  const Napi::Value value = filters.Get(name);
  if (!value.IsArray()) return Refuse(filters.Env(), name, "must be an array");
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) {
    if (!each(static_cast<Napi::Value>(array.Get(i)))) {
      return Refuse(filters.Env(), name, "has an element of the wrong kind");
    }
  }
  return true;
}

// {key, classes, slot}
template <typename Key, typename ToKey>
bool ToExclusion(const Napi::Value& value, const char* key, Exclusion<Key>* out, ToKey to_key) {
  if (!value.IsObject()) return false;
  const auto object = value.As<Napi::Object>();
  return to_key(static_cast<Napi::Value>(object.Get(key)), &out->key) &&
         ToU32(object.Get("classes"), &out->classes) && ToU32(object.Get("slot"), &out->slot) &&
         out->slot < WEIR_EXCLUSION_SLOTS;
}

template <typename Key, typename ToKey>
bool ReadAll(const Napi::Object& filters, const char* name, const char* key,
             std::vector<Exclusion<Key>>* out, ToKey to_key) {
  return ForEach(filters, name, [&](const Napi::Value& value) {
    Exclusion<Key> one = {};
    if (!ToExclusion(value, key, &one, to_key)) return false;
    out->push_back(std::move(one));
    return true;
  });
}

bool ToPort(const Napi::Value& value, uint16_t* out) {
  uint32_t port = 0;
  if (!ToU32(value, &port) || port > UINT16_MAX) return false;
  *out = static_cast<uint16_t>(port);
  return true;
}

bool ToPrefix(const Napi::Value& value, std::string* out) {
  return ToText(value, out) && !out->empty() && out->size() <= WEIR_PREFIX_MAX;
}

// {address, bits}: as text, and how many of its bits count.
bool ToAddress(const Napi::Value& value, weir_address_key* out) {
  if (!value.IsObject()) return false;
  const auto object = value.As<Napi::Object>();
  std::string text;
  uint32_t bits = 0;
  if (!ToText(object.Get("address"), &text) || !ToU32(object.Get("bits"), &bits)) return false;
  *out = {};
  const bool ipv4 = inet_pton(AF_INET, text.c_str(), out->address) == 1;
  if (!ipv4 && inet_pton(AF_INET6, text.c_str(), out->address) != 1) return false;
  if (bits > (ipv4 ? 32u : 128u)) return false;
  out->family = ipv4 ? AF_INET : AF_INET6;
  out->bits = 32 + bits;
  return true;
}

bool ReadScope(const Napi::Object& filters, KernelSettings* settings) {
  if (!ForEach(filters, "onlyCgroups", [&](const Napi::Value& value) {
        return ToU64(value, &settings->only_cgroups.emplace_back());
      })) {
    return false;
  }
  bool named = false;
  const bool read = ForEach(filters, "onlyExecutables", [&](const Napi::Value& value) {
    std::string path;
    if (!ToText(value, &path)) return false;
    named = true;
    weir_exe_key key;
    if (Programs::ExeKey(path, &key)) settings->only_exes.push_back(key);
    return true;
  });
  if (named && settings->only_exes.empty()) settings->only_exes.push_back({0, 0});
  return read;
}

// The file there now, or the one that a device and an inode name; false: there is none.
bool ToExecutable(const Napi::Value& value, weir_exe_key* key, bool* there) {
  if (value.IsString()) {
    *there = Programs::ExeKey(value.As<Napi::String>().Utf8Value(), key);
    return true;
  }
  if (!value.IsObject()) return false;
  const auto object = value.As<Napi::Object>();
  uint64_t dev = 0;
  uint64_t ino = 0;
  if (!ToU64(object.Get("dev"), &dev) || !ToU64(object.Get("inode"), &ino)) return false;
  *key = {dev, ino};
  *there = true;
  return true;
}

bool ReadExecutables(const Napi::Object& filters, KernelSettings* settings) {
  return ForEach(filters, "excludeExecutables", [&](const Napi::Value& value) {
    Exclusion<weir_exe_key> one = {};
    bool there = false;
    if (!ToExclusion(value, "file", &one, [&there](const Napi::Value& file, weir_exe_key* key) {
          return ToExecutable(file, key, &there);
        })) {
      return false;
    }
    if (there) settings->not_exes.push_back(one);
    return true;
  });
}

bool ReadExclusions(const Napi::Object& filters, KernelSettings* settings) {
  return ReadAll(filters, "excludeCgroups", "id", &settings->not_cgroups, ToU64) &&
         ReadExecutables(filters, settings) &&
         ReadAll(filters, "excludeUids", "uid", &settings->not_uids, ToU32) &&
         ReadAll(filters, "excludePorts", "port", &settings->not_ports, ToPort) &&
         ReadAll(filters, "excludeAddresses", "network", &settings->not_addresses, ToAddress) &&
         ReadAll(filters, "excludePrefixes", "prefix", &settings->not_prefixes, ToPrefix);
}

// {thresholds, kill, stop, ...}, see BehaviorFilters in src/native/sensor.ts
bool ReadBehavior(const Napi::Object& filters, KernelSettings* settings) {
  const Napi::Value value = filters.Get("behavior");
  if (!value.IsObject()) return Refuse(filters.Env(), "behavior", "must be an object");
  const auto object = value.As<Napi::Object>();
  weir_behavior_config& behavior = settings->behavior;
  uint32_t times[4] = {};
  const std::pair<const char*, uint32_t*> numbers[] = {{"fileWindowMs", &times[0]},
                                                       {"socketWindowMs", &times[1]},
                                                       {"execWindowMs", &times[2]},
                                                       {"limitIntervalMs", &times[3]},
                                                       {"cgroupFactor", &behavior.cgroup_factor},
                                                       {"kill", &behavior.kill},
                                                       {"stop", &behavior.stop},
                                                       {"limit", &behavior.response_limit}};
  for (const auto& [name, number] : numbers) {
    if (!ToU32(object.Get(name), number)) {
      return Refuse(filters.Env(), std::string("behavior.") + name, "must be a whole number");
    }
  }
  constexpr uint64_t kMillisecond = 1'000'000;
  behavior.file_window_ns = times[0] * kMillisecond;
  behavior.socket_window_ns = times[1] * kMillisecond;
  behavior.exec_window_ns = times[2] * kMillisecond;
  behavior.response_interval_ns = times[3] * kMillisecond;
  behavior.respond = object.Get("respond").ToBoolean() ? 1 : 0;
  behavior.dry_run = object.Get("dryRun").ToBoolean() ? 1 : 0;
  uint32_t count = 0;
  return ForEach(object, "thresholds",
                 [&](const Napi::Value& one) {
                   return count < WEIR_BEHAVIORS && ToU32(one, &behavior.thresholds[count++]);
                 }) &&
         ForEach(object, "protectedExecutables", [&](const Napi::Value& one) {
           std::string path;
           if (!ToText(one, &path)) return false;
           weir_exe_key key;
           if (Programs::ExeKey(path, &key)) settings->protected_exes.push_back(key);
           return true;
         });
}

bool ReadPrefixes(const Napi::Object& filters, const char* name, std::vector<std::string>* out) {
  return ForEach(filters, name,
                 [&](const Napi::Value& value) { return ToPrefix(value, &out->emplace_back()); });
}

}  // namespace

bool ReadFilters(const Napi::Value& value, KernelSettings* settings) {
  const Napi::Env env = value.Env();
  if (!value.IsObject()) return Refuse(env, "", "must be an object");
  const auto filters = value.As<Napi::Object>();
  if (!ToU32(filters.Get("classes"), &settings->classes)) {
    return Refuse(env, "classes", "must be a bit set");
  }
  if (!filters.Get("unixSockets").IsBoolean()) {
    return Refuse(env, "unixSockets", "must be true or false");
  }
  settings->unix_sockets = filters.Get("unixSockets").As<Napi::Boolean>().Value();
  uint32_t window_ms = 0;
  if (!ToU32(filters.Get("sendWindowMs"), &window_ms)) {
    return Refuse(env, "sendWindowMs", "must be milliseconds");
  }
  settings->send_window_ns = uint64_t{window_ms} * 1'000'000;
  uint32_t interval_ms = 0;
  if (!ToU32(filters.Get("repeatIntervalMs"), &interval_ms)) {
    return Refuse(env, "repeatIntervalMs", "must be milliseconds");
  }
  settings->repeat_interval_ns = uint64_t{interval_ms} * 1'000'000;
  const std::pair<const char*, uint32_t*> counts[] = {{"repeatBurst", &settings->repeat_burst},
                                                      {"treeRate", &settings->tree_rate},
                                                      {"cgroupRate", &settings->cgroup_rate},
                                                      {"rateBurst", &settings->rate_burst}};
  for (const auto& [name, count] : counts) {
    if (!ToU32(filters.Get(name), count)) return Refuse(env, name, "must be a count");
  }
  return ReadScope(filters, settings) && ReadExclusions(filters, settings) &&
         ReadBehavior(filters, settings) &&
         ReadPrefixes(filters, "readPrefixes", &settings->read_prefixes);
}

}  // namespace weir
