// CRC32C as JavaScript functions, bound to one tier each.
#pragma once

#include <napi.h>

#include "../kernel/kernel.h"

namespace themis::binding {

// (bytes: Uint8Array, offset, length, seed) => number
Napi::Value crc32c_function(Napi::Env env, const kernel::Tier& tier);

// (bytes: Uint8Array, ranges: Uint32Array, count, results: Uint32Array) => undefined
Napi::Value crc32c_ranges_function(Napi::Env env, const kernel::Tier& tier);

}  // namespace themis::binding
