// CRC32C on ARMv8 with the CRC32 and PMULL extensions: the crc32c instruction on three streams,
// joined by carry-less multiplication. As on SSE4.2, without the folding.
#include "kernel.h"

#if defined(__aarch64__) || defined(_M_ARM64)

#include <arm_neon.h>
#if !defined(__clang__)
#include <arm_acle.h>
#endif

#include <cstring>

#include "crc32c_polynomial.h"

#if defined(__clang__)
#define THEMIS_ARM __attribute__((target("crc,aes")))
#elif defined(__GNUC__)
#define THEMIS_ARM __attribute__((target("+crc+crypto")))
#else
#define THEMIS_ARM
#endif

namespace themis::kernel {

namespace {

constexpr size_t kThreeStreamsBytesMin = 192;

template <typename Word>
inline Word load(const uint8_t* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

#if defined(__clang__)
THEMIS_ARM inline uint32_t step(uint32_t crc, uint64_t word) {
  return __builtin_arm_crc32cd(crc, word);
}
THEMIS_ARM inline uint32_t step_u32(uint32_t crc, uint32_t word) {
  return __builtin_arm_crc32cw(crc, word);
}
THEMIS_ARM inline uint32_t step_u8(uint32_t crc, uint8_t byte) {
  return __builtin_arm_crc32cb(crc, byte);
}
#else
THEMIS_ARM inline uint32_t step(uint32_t crc, uint64_t word) { return __crc32cd(crc, word); }
THEMIS_ARM inline uint32_t step_u32(uint32_t crc, uint32_t word) { return __crc32cw(crc, word); }
THEMIS_ARM inline uint32_t step_u8(uint32_t crc, uint8_t byte) { return __crc32cb(crc, byte); }
#endif

THEMIS_ARM inline uint32_t serial(const uint8_t* bytes, size_t length, uint32_t crc) {
  for (; length >= 8; length -= 8, bytes += 8) crc = step(crc, load<uint64_t>(bytes));
  if ((length & 4) != 0) {
    crc = step_u32(crc, load<uint32_t>(bytes));
    bytes += 4;
  }
  for (length &= 3; length > 0; length -= 1, bytes += 1) crc = step_u8(crc, *bytes);
  return crc;
}

// a * b * x^33: moves a CRC by a shift, or joins two shifts (crc32c_polynomial.h).
THEMIS_ARM inline uint32_t move(uint32_t a, uint32_t b) {
  const poly128_t product = vmull_p64(static_cast<poly64_t>(a), static_cast<poly64_t>(b));
  return step(0, vgetq_lane_u64(vreinterpretq_u64_p128(product), 0));
}

// The shift over `words` words of eight bytes, words <= kShiftWordsMax.
THEMIS_ARM inline uint32_t shift_over(size_t words) {
  const uint32_t low = move(kShiftTable[0][words & 15], kShiftTable[1][(words >> 4) & 15]);
  const uint32_t high = move(kShiftTable[2][(words >> 8) & 15], kShiftTable[3][words >> 12]);
  return move(low, high);
}

// Three adjacent streams of `words` words each, words <= kShiftWordsMax.
THEMIS_ARM inline uint32_t three_streams(const uint8_t* bytes, size_t words, uint32_t crc) {
  const uint32_t shift = shift_over(words);
  const uint8_t* second = bytes + 8 * words;
  const uint8_t* third = second + 8 * words;
  uint32_t a = crc, b = 0, c = 0;
  for (size_t at = 0; at < 8 * words; at += 8) {
    a = step(a, load<uint64_t>(bytes + at));
    b = step(b, load<uint64_t>(second + at));
    c = step(c, load<uint64_t>(third + at));
  }
  return move(move(a, shift) ^ b, shift) ^ c;
}

}  // namespace

THEMIS_ARM uint32_t crc32c_neon(const uint8_t* bytes, size_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  while (length >= kThreeStreamsBytesMin) {
    size_t words = length / 24;
    if (words > kShiftWordsMax) words = kShiftWordsMax;
    crc = three_streams(bytes, words, crc);
    bytes += 24 * words;
    length -= 24 * words;
  }
  return ~serial(bytes, length, crc);
}

}  // namespace themis::kernel

#endif
