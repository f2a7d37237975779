// Node-API as it is, without the C++ wrapper: when a thread is being ended, every call fails, and
// the wrapper makes an exception of that, which ends the process. Here a failure is only a failure.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <string>

namespace weir::tables {

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
