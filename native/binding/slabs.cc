// Opens and closes slabs.
#include "slabs.h"

#include <utility>

namespace themis::binding {

namespace {

constexpr uint64_t kNumberMax = (uint64_t{1} << 53) - 1;

// The view of a Uint8Array, and whether its memory is shared with other threads.
bool read_bytes(napi_env env, napi_value value, View<uint8_t>& bytes, bool& is_shared) {
  napi_typedarray_type type;
  void* data = nullptr;
  size_t length = 0;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return false;
  }
  bool is_array_buffer = true;
  if (napi_is_arraybuffer(env, buffer, &is_array_buffer) != napi_ok) return false;
  is_shared = !is_array_buffer;
  bytes = {static_cast<uint8_t*>(data), length};
  return true;
}

napi_value slab_open(napi_env env, napi_callback_info info) {
  napi_value value = nullptr;
  size_t count = 1;
  Slab slab{};
  State* state = state_of(env);
  if (napi_get_cb_info(env, info, &count, &value, nullptr, nullptr) != napi_ok || count < 1 ||
      state == nullptr || !read_bytes(env, value, slab.bytes, slab.is_shared)) {
    return refuse(env, "slabOpen takes a Uint8Array");
  }
  if (state->slabs.is_full()) return refuse(env, "too many slabs are open; close one");
  if (napi_create_reference(env, value, 1, &slab.reference) != napi_ok) {
    return refuse(env, "the Uint8Array cannot be kept");
  }
  uint64_t number = 0;
  state->slabs.add(std::make_unique<Slab>(slab), number);
  napi_value result = nullptr;
  napi_create_double(env, static_cast<double>(number), &result);
  return result;
}

napi_value slab_close(napi_env env, napi_callback_info info) {
  napi_value value = nullptr;
  size_t count = 1;
  uint64_t number = 0;
  State* state = state_of(env);
  if (napi_get_cb_info(env, info, &count, &value, nullptr, nullptr) != napi_ok || count < 1 ||
      state == nullptr || !read_integer(env, value, kNumberMax, number)) {
    return refuse(env, "slabClose takes the number of a slab");
  }
  const std::unique_ptr<Slab> slab = state->slabs.remove(number);
  if (slab == nullptr) return refuse(env, "the slab is not open");
  napi_delete_reference(env, slab->reference);
  return nullptr;
}

Napi::Value bind(Napi::Env env, const char* name, napi_callback callback) {
  napi_value function = nullptr;
  const napi_status status =
      napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  NAPI_THROW_IF_FAILED(env, status, Napi::Value());
  return Napi::Value(env, function);
}

}  // namespace

bool read_slab(napi_env env, State& state, napi_value value, View<uint8_t>& bytes) {
  uint64_t number = 0;
  if (!read_integer(env, value, kNumberMax, number)) return false;
  const Slab* slab = state.slabs.find(number);
  if (slab == nullptr) return false;
  if (slab->is_shared) {
    bytes = slab->bytes;
    return true;
  }
  napi_value view = nullptr;
  return napi_get_reference_value(env, slab->reference, &view) == napi_ok && view != nullptr &&
         read_view(env, view, napi_uint8_array, bytes);
}

Napi::Value slab_open_function(Napi::Env env) { return bind(env, "slabOpen", slab_open); }

Napi::Value slab_close_function(Napi::Env env) { return bind(env, "slabClose", slab_close); }

}  // namespace themis::binding
