// Copies of single rows, kept until a debounce summary is made of them. Main thread only.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "batch/batch.h"

namespace weir {

// NativeRowKeeper of src/native/batch.ts.
class RowKeeper : public Napi::ObjectWrap<RowKeeper> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit RowKeeper(const Napi::CallbackInfo& info);

 private:
  Napi::Value Put(const Napi::CallbackInfo& info);
  Napi::Value Free(const Napi::CallbackInfo& info);
  Napi::Value Emit(const Napi::CallbackInfo& info);
  Napi::Value Size(const Napi::CallbackInfo& info);

  bool Holds(const Napi::Value& slot, uint32_t* index) const;
  void Drop(uint32_t slot);

  int event_class_ = 0;
  // A row as bytes; empty: the slot is free.
  std::vector<std::string> rows_;
  std::vector<uint32_t> free_;
};

}  // namespace weir
