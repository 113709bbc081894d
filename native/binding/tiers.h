// The dispatch table as JavaScript sees it. Mirrors src/kernel/addon.ts.
#pragma once

#include <napi.h>

namespace themis::binding {

// [{ name, crc32c(bytes, offset, length, seed), crc32cRanges(bytes, ranges, count, results) }, ...]
Napi::Array kernels(Napi::Env env);

// [{ name, missing }, ...]; `missing` names the CPU features that the tier needs and lacks here.
Napi::Array refused(Napi::Env env);

}  // namespace themis::binding
