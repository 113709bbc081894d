// Memory registered once, so that a call names it by a number: describing fourteen views to the
// addon takes longer than encoding 4 KiB in each of them.
#pragma once

#include <napi.h>

#include "state.h"

namespace themis::binding {

// (bytes: Uint8Array) => number
Napi::Value slab_open_function(Napi::Env env);

// (slab: number) => undefined
Napi::Value slab_close_function(Napi::Env env);

// The bytes of an open slab as they are now; false when `value` is none.
bool read_slab(napi_env env, State& state, napi_value value, View<uint8_t>& bytes);

}  // namespace themis::binding
