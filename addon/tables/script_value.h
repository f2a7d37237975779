// Node-API as it is, without the C++ wrapper: when a thread is being ended, every call fails, and
// the wrapper makes an exception of that, which ends the process. Here a failure is only a failure.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace weir::tables {

// Reads the arguments; what was not given is nullptr.
template <size_t N>
void Arguments(napi_env env, napi_callback_info info, napi_value (&arguments)[N]) {
  size_t count = N;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  for (size_t i = count; i < N; ++i) arguments[i] = nullptr;
}

// A value that JavaScript only hands back; `held` goes with it.
template <typename T>
napi_value MakeExternal(napi_env env, T held) {
  auto* kept = new T(std::move(held));
  napi_value value = nullptr;
  const auto forget = [](napi_env, void* data, void*) { delete static_cast<T*>(data); };
  if (napi_create_external(env, kept, forget, nullptr, &value) != napi_ok) delete kept;
  return value;
}

// What MakeExternal was given; nullptr: it is no such value.
template <typename T>
T* ExternalOf(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  void* kept = nullptr;
  if (value == nullptr || napi_typeof(env, value, &type) != napi_ok || type != napi_external ||
      napi_get_value_external(env, value, &kept) != napi_ok) {
    return nullptr;
  }
  return static_cast<T*>(kept);
}

inline napi_value MakeNumber(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

inline napi_value MakeText(napi_env env, const char* text, size_t size) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text ? text : "", text ? size : 0, &value);
  return value;
}

inline napi_value MakeArray(napi_env env) {
  napi_value value = nullptr;
  napi_create_array(env, &value);
  return value;
}

// nullptr: it has no such property, or the thread ends.
inline napi_value Property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  return napi_get_named_property(env, object, name, &value) == napi_ok ? value : nullptr;
}

inline double NumberOf(napi_env env, napi_value value, double otherwise) {
  double number = otherwise;
  if (value == nullptr || napi_get_value_double(env, value, &number) != napi_ok) return otherwise;
  return number;
}

// Text in UTF-8, or the bytes of a buffer.
inline std::string BytesOf(napi_env env, napi_value value) {
  std::string out;
  size_t size = 0;
  bool buffer = false;
  if (value == nullptr) return out;
  if (napi_is_buffer(env, value, &buffer) == napi_ok && buffer) {
    void* data = nullptr;
    if (napi_get_buffer_info(env, value, &data, &size) == napi_ok && size > 0) {
      out.assign(static_cast<const char*>(data), size);
    }
  } else if (napi_get_value_string_utf8(env, value, nullptr, 0, &size) == napi_ok) {
    out.resize(size);
    napi_get_value_string_utf8(env, value, out.data(), size + 1, &size);
  }
  return out;
}

inline void SetProperty(napi_env env, napi_value object, const char* name, napi_value value) {
  if (value != nullptr) napi_set_named_property(env, object, name, value);
}

inline napi_value MakeBuffer(napi_env env, const std::string& bytes) {
  napi_value value = nullptr;
  napi_create_buffer_copy(env, bytes.size(), bytes.data(), nullptr, &value);
  return value;
}

inline napi_value MakeIntegers(napi_env env, const std::vector<int32_t>& integers) {
  napi_value buffer = nullptr;
  napi_value value = nullptr;
  void* data = nullptr;
  const size_t size = integers.size() * sizeof(int32_t);
  if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok) return nullptr;
  if (size > 0) std::memcpy(data, integers.data(), size);
  napi_create_typedarray(env, napi_int32_array, integers.size(), buffer, 0, &value);
  return value;
}

// Elements of a typed array; nullptr: it is none.
inline const void* Elements(napi_env env, napi_value value, napi_typedarray_type type,
                            size_t* length) {
  napi_typedarray_type actual;
  void* data = nullptr;
  if (value == nullptr ||
      napi_get_typedarray_info(env, value, &actual, length, &data, nullptr, nullptr) != napi_ok) {
    return nullptr;
  }
  // An empty array has no data; its elements are not read.
  static const char kNone = 0;
  return actual != type ? nullptr : data != nullptr ? data : &kNone;
}

// The message of the exception that is pending, which is cleared; "" when there is none.
inline std::string TakeException(napi_env env) {
  bool pending = false;
  napi_value error = nullptr;
  if (napi_is_exception_pending(env, &pending) != napi_ok || !pending ||
      napi_get_and_clear_last_exception(env, &error) != napi_ok || error == nullptr) {
    return "";
  }
  napi_valuetype type = napi_undefined;
  napi_typeof(env, error, &type);
  const napi_value text = type == napi_object ? Property(env, error, "message") : error;
  char message[1024];
  size_t size = 0;
  if (text == nullptr ||
      napi_get_value_string_utf8(env, text, message, sizeof message, &size) != napi_ok) {
    return "";
  }
  return {message, size};
}

}  // namespace weir::tables
