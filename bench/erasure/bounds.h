// What memory and caches give to one core: kernels that do the loads and stores and little else.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace themis::bench {

#define BENCH_AVX512 __attribute__((target("avx512f")))

// The loads and stores of a pass, without its products: one XOR for two sources. Without a row it
// only loads.
template <size_t Rows>
BENCH_AVX512 void xor_only(const uint8_t* const* sources, size_t count, uint8_t* const* targets,
                           size_t length, bool cold) {
  for (size_t at = 0; at < length; at += 128) {
    if (cold) {
      for (size_t i = 0; i < count; i += 1) {
        __builtin_prefetch(sources[i] + at + 128);
        __builtin_prefetch(sources[i] + at + 192);
      }
    }
    __m512i a = _mm512_setzero_si512(), b = a;
    if ((count & 1) != 0) {
      a = _mm512_loadu_si512(sources[count - 1] + at);
      b = _mm512_loadu_si512(sources[count - 1] + at + 64);
    }
#define PAIR(pair)                                                                    \
  case pair:                                                                          \
    a = _mm512_ternarylogic_epi64(a, _mm512_loadu_si512(sources[2 * pair - 1] + at),  \
                                  _mm512_loadu_si512(sources[2 * pair - 2] + at), 0x96); \
    b = _mm512_ternarylogic_epi64(b, _mm512_loadu_si512(sources[2 * pair - 1] + at + 64),  \
                                  _mm512_loadu_si512(sources[2 * pair - 2] + at + 64), 0x96); \
    [[fallthrough]];
    switch (count / 2) {
      PAIR(10) PAIR(9) PAIR(8) PAIR(7) PAIR(6) PAIR(5) PAIR(4) PAIR(3) PAIR(2) PAIR(1)
      default: break;
    }
#undef PAIR
    if constexpr (Rows == 0) __asm__ volatile("" : : "v"(a), "v"(b));
#pragma GCC unroll 4
    for (size_t row = 0; row < Rows; row += 1) {
      if (cold) {
        _mm512_stream_si512(reinterpret_cast<__m512i*>(targets[row] + at), a);
        _mm512_stream_si512(reinterpret_cast<__m512i*>(targets[row] + at + 64), b);
      } else {
        _mm512_storeu_si512(targets[row] + at, a);
        _mm512_storeu_si512(targets[row] + at + 64, b);
      }
    }
  }
  _mm_sfence();
}

using XorOnly = void (*)(const uint8_t* const*, size_t, uint8_t* const*, size_t, bool);
inline constexpr XorOnly kXorOnly[] = {xor_only<0>, xor_only<1>, xor_only<2>, xor_only<3>,
                                       xor_only<4>};

inline volatile uint64_t sink;

// Reads the bytes in order, in one stream.
BENCH_AVX512 inline void read_in_order(const uint8_t* bytes, size_t length) {
  __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
  for (size_t at = 0; at < length; at += 256) {
    a = _mm512_xor_si512(a, _mm512_loadu_si512(bytes + at));
    b = _mm512_xor_si512(b, _mm512_loadu_si512(bytes + at + 64));
    c = _mm512_xor_si512(c, _mm512_loadu_si512(bytes + at + 128));
    d = _mm512_xor_si512(d, _mm512_loadu_si512(bytes + at + 192));
  }
  alignas(64) uint64_t words[8];
  _mm512_store_si512(words, _mm512_xor_si512(_mm512_xor_si512(a, b), _mm512_xor_si512(c, d)));
  sink = words[0];
}

#undef BENCH_AVX512

}  // namespace themis::bench
