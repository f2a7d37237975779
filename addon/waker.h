#ifndef WEIR_WAKER_H_
#define WEIR_WAKER_H_

#include <napi.h>

#include <atomic>

namespace weir {

// Calls a JavaScript function from another thread. One call is on its way at most: the other
// thread may be far faster than JavaScript.
class Waker {
 public:
  // On the thread of the environment, once before any Wake.
  void Open(Napi::Env env, const Napi::Function& wake, const char* name);
  // From any thread, between Open and Close.
  void Wake();
  // When no thread can be in Wake any more. A call may still come afterwards.
  void Close();

 private:
  // Outlives this object: a call that waits when it is closed comes before it is freed.
  struct State {
    std::atomic<bool> pending = false;
  };

  static void Call(Napi::Env env, Napi::Function wake, State* state, void*);

  using Function = Napi::TypedThreadSafeFunction<State, void, Call>;

  State* state_ = nullptr;
  Function function_;
};

}  // namespace weir

#endif  // WEIR_WAKER_H_
