// What the files of single instruction sets share: how their functions are compiled, and how a
// coefficient becomes what they multiply by.
#pragma once

#include <cstring>

#include "coder.h"
#include "gf256.h"

#if defined(__GNUC__)
#define THEMIS_TARGET(features) __attribute__((target(features)))
// Passes are inlined wholly: a register that went through memory between two calls would cost more
// than the arithmetic.
#define THEMIS_TARGET_INLINE(features) __attribute__((target(features), always_inline)) inline
#define THEMIS_ALWAYS_INLINE __attribute__((always_inline)) inline
#define THEMIS_PREFETCH_FIRST(address) __builtin_prefetch(address)
#define THEMIS_PREFETCH_SECOND(address) __builtin_prefetch(address, 0, 2)
#else
#define THEMIS_TARGET(features)
#define THEMIS_TARGET_INLINE(features) __forceinline
#define THEMIS_ALWAYS_INLINE __forceinline
#define THEMIS_PREFETCH_FIRST(address) static_cast<void>(address)
#define THEMIS_PREFETCH_SECOND(address) static_cast<void>(address)
#endif
#if defined(__GNUC__) && !defined(__clang__)
#define THEMIS_UNROLL _Pragma("GCC unroll 16")
#else
#define THEMIS_UNROLL
#endif

namespace themis::kernel {

inline void expand_affine(const uint8_t* coefficients, size_t rows, uint8_t* tables) {
  for (size_t row = 0; row < rows; row += 1) {
    std::memcpy(tables + 8 * row, &kAffineMatrices[coefficients[row]], 8);
  }
}

inline void expand_nibbles(const uint8_t* coefficients, size_t rows, uint8_t* tables) {
  for (size_t row = 0; row < rows; row += 1) {
    std::memcpy(tables + 32 * row, kNibbleTables[coefficients[row]].data(), 32);
  }
}

// For coders that do not stream.
inline void no_fence() {}

}  // namespace themis::kernel
