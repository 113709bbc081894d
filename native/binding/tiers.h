// The dispatch tables as JavaScript sees them. Mirrors src/kernel/addon.ts.
#pragma once

#include <napi.h>

namespace themis::binding {

// [{ name, crc32c(bytes, offset, length, seed), crc32cRanges(bytes, ranges, count, results) }, ...]
Napi::Array kernels(Napi::Env env);

// [{ name, missing }, ...]; `missing` names the CPU features that the tier needs and lacks here.
Napi::Array refused(Napi::Env env);

// [{ name, planOpen, ... }, ...] as binding/coding.h has them.
Napi::Array coders(Napi::Env env);

// [{ name, missing }, ...]
Napi::Array refused_coders(Napi::Env env);

}  // namespace themis::binding
