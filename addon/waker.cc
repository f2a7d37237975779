#include "waker.h"

namespace weir {

void Waker::Open(Napi::Env env, const Napi::Function& wake, const char* name) {
  state_ = new State();
  const auto free_state = [](Napi::Env, void*, State* state) { delete state; };
  function_ = Function::New(env, wake, name, 0, 1, state_, free_state);
}

void Waker::Wake() {
  if (!state_->pending.exchange(true)) function_.NonBlockingCall();
}

void Waker::Close() { function_.Release(); }

void Waker::Call(Napi::Env env, Napi::Function wake, State* state, void*) {
  state->pending = false;
  if (env == nullptr || wake == nullptr) return;
  wake.Call({});
  // Left pending it would only become a deprecation warning.
  const Napi::Env environment(env);
  if (!environment.IsExceptionPending()) return;
  napi_fatal_exception(env, environment.GetAndClearPendingException().Value());
}

}  // namespace weir
