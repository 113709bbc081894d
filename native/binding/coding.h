// Reed-Solomon coding as JavaScript functions, bound to one coder each.
#pragma once

#include <napi.h>

#include "../kernel/coding.h"

namespace themis::binding {

// Adds to `entry`:
//   planOpen(coefficients: Uint8Array, sources: Uint16Array, targets: Uint16Array) => number
//   planClose(plan) => undefined
//   multiply(plan, slab, offset, stride, length, streaming) => undefined
//   verify(plan, slab, offset, stride, length) => number
//   multiplyAdd(plan, slab, offset, stride, length) => undefined
//   multiplyChecksums(plan, slab, offset, stride, length, streaming, block,
//                     results: Uint32Array) => undefined
void add_coding_functions(Napi::Env env, const kernel::Coder& coder, Napi::Object entry);

}  // namespace themis::binding
