// What the two x86-64 tiers share: the crc32 instruction over short ranges and over three streams
// at once, and moving a CRC with one carry-less multiplication. CRCs here are raw register states
// (no inversion); the tiers invert on entry and exit.
#pragma once

#include <immintrin.h>

#include <cstring>

#include "crc32c_polynomial.h"

#if defined(__GNUC__)
#define THEMIS_TARGET(features) __attribute__((target(features)))
#else
#define THEMIS_TARGET(features)
#endif
#define THEMIS_SSE42 THEMIS_TARGET("sse4.2,pclmul")

namespace themis::kernel::x86 {

inline uint64_t load_u64(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

inline uint32_t load_u32(const uint8_t* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

inline uint16_t load_u16(const uint8_t* bytes) {
  uint16_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// A CRC between two steps. 64 bits wide, as the instruction has it: narrowing it after every step
// would cost a cycle of latency.
using State = uint64_t;

THEMIS_SSE42 inline State step(State crc, uint64_t word) { return _mm_crc32_u64(crc, word); }

// One stream: three cycles per eight bytes, the latency of the instruction.
THEMIS_SSE42 inline uint32_t serial(const uint8_t* bytes, size_t length, uint32_t seed) {
  State state = seed;
  for (; length >= 8; length -= 8, bytes += 8) state = step(state, load_u64(bytes));
  uint32_t crc = static_cast<uint32_t>(state);
  if ((length & 4) != 0) {
    crc = _mm_crc32_u32(crc, load_u32(bytes));
    bytes += 4;
  }
  if ((length & 2) != 0) {
    crc = _mm_crc32_u16(crc, load_u16(bytes));
    bytes += 2;
  }
  if ((length & 1) != 0) crc = _mm_crc32_u8(crc, *bytes);
  return crc;
}

// a * b * x^33: moves a CRC by a shift, or joins two shifts (crc32c_polynomial.h).
THEMIS_SSE42 inline uint32_t move(uint32_t a, uint32_t b) {
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi32_si128(static_cast<int>(a)),
                                               _mm_cvtsi32_si128(static_cast<int>(b)), 0);
  return static_cast<uint32_t>(step(0, static_cast<uint64_t>(_mm_cvtsi128_si64(product))));
}

// The shift over `words` words of eight bytes, words <= kShiftWordsMax. It does not depend on the
// data, so the CPU computes it while a loop is running.
THEMIS_SSE42 inline uint32_t shift_over(size_t words) {
  const uint32_t low = move(kShiftTable[0][words & 15], kShiftTable[1][(words >> 4) & 15]);
  const uint32_t high = move(kShiftTable[2][(words >> 8) & 15], kShiftTable[3][words >> 12]);
  return move(low, high);
}

// Three adjacent streams of `words` words each, words <= kShiftWordsMax: one instruction per cycle,
// since each stream fills the latency of the others.
THEMIS_SSE42 inline uint32_t three_streams(const uint8_t* bytes, size_t words, uint32_t crc) {
  const uint32_t shift = shift_over(words);
  const uint8_t* second = bytes + 8 * words;
  const uint8_t* third = second + 8 * words;
  State a = crc, b = 0, c = 0;
  for (size_t at = 0; at < 8 * words; at += 8) {
    a = step(a, load_u64(bytes + at));
    b = step(b, load_u64(second + at));
    c = step(c, load_u64(third + at));
  }
  const uint32_t joined = move(static_cast<uint32_t>(a), shift) ^ static_cast<uint32_t>(b);
  return move(joined, shift) ^ static_cast<uint32_t>(c);
}

// Below this one stream is faster than three and their joining.
inline constexpr size_t kThreeStreamsBytesMin = 192;

}  // namespace themis::kernel::x86
