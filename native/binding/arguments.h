// Checked reading of arguments, in plain Node-API: a call of these kernels takes nanoseconds, and
// wrapper objects would double it. Every reader returns false for what it does not accept and never
// throws; the caller refuses once, with refuse().
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace themis::binding {

// The memory of a typed array, valid until control returns to JavaScript.
template <typename Element>
struct View {
  Element* data = nullptr;
  size_t length = 0;  // in elements
};

// A typed array of exactly this element type, over an ArrayBuffer or a SharedArrayBuffer.
template <typename Element>
bool read_view(napi_env env, napi_value value, napi_typedarray_type expected,
               View<Element>& result) {
  napi_typedarray_type type;
  void* data = nullptr;
  size_t length = 0;
  const napi_status status =
      napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != expected) return false;
  result = {static_cast<Element*>(data), length};
  return true;
}

// An integer from 0 to `max`, max < 2^53. NaN, fractions and strings are refused, not converted.
inline bool read_integer(napi_env env, napi_value value, uint64_t max, uint64_t& result) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) return false;
  if (!(number >= 0 && number <= static_cast<double>(max))) return false;
  result = static_cast<uint64_t>(number);
  return static_cast<double>(result) == number;
}

// Throws an error with the code THEMIS_KERNEL_ARGUMENT.
inline napi_value refuse(napi_env env, const char* message) {
  napi_throw_error(env, "THEMIS_KERNEL_ARGUMENT", message);
  return nullptr;
}

}  // namespace themis::binding
