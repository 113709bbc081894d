// The state of an environment is its instance data, which Node deletes with the environment. The
// references in it die with the environment, too.
#include "state.h"

namespace themis::binding {

bool create_state(napi_env env) {
  const auto remove = [](napi_env, void* data, void*) { delete static_cast<State*>(data); };
  return napi_set_instance_data(env, new State, remove, nullptr) == napi_ok;
}

State* state_of(napi_env env) {
  void* data = nullptr;
  if (napi_get_instance_data(env, &data) != napi_ok) return nullptr;
  return static_cast<State*>(data);
}

}  // namespace themis::binding
