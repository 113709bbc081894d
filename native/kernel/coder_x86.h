// What the x86-64 coders share.
#pragma once

#include <immintrin.h>

#include "coding_build.h"

namespace themis::kernel::x86 {

inline long long load_i64(const uint8_t* bytes) {
  long long word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Streamed stores are ordered after nothing and before nothing; without this, another thread could
// see a flag that says "done" and then old bytes.
inline void fence() { _mm_sfence(); }

}  // namespace themis::kernel::x86
