// The class behind NativeBatch of src/native/batch.ts. Main thread of its environment only.
#pragma once

#include <napi.h>

#include "batch/batch.h"

namespace weir {

// `buffer` and `columns` are made when first asked for: a quiet stream hands over one row a batch,
// and building some sixty objects for each would cost more than all the rest.
class NativeBatch : public Napi::ObjectWrap<NativeBatch> {
 public:
  static Napi::Function Define(Napi::Env env);
  static NativeBatch* From(Napi::Value value);

  explicit NativeBatch(const Napi::CallbackInfo& info);
  ~NativeBatch() override;

  void Adopt(Napi::Env env, BatchPtr batch);
  // Gives the memory back now instead of at some later collection. The buffer gets length 0.
  void Release(Napi::Env env);
  const BatchPtr& batch() const { return batch_; }

 private:
  Napi::Value EventClass(const Napi::CallbackInfo& info);
  Napi::Value Rows(const Napi::CallbackInfo& info);
  Napi::Value Buffer(const Napi::CallbackInfo& info);
  Napi::Value Columns(const Napi::CallbackInfo& info);

  BatchPtr batch_;
  int event_class_ = 0;
  uint32_t rows_ = 0;
  Napi::ObjectReference buffer_;
  Napi::ObjectReference columns_;
};

}  // namespace weir
