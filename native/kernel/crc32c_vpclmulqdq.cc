// CRC32C with VPCLMULQDQ on 512-bit registers. Three ways, by length:
//
//   short    the crc32 instruction (crc32c_x86.h);
//   medium   folding: four registers hold 256 bytes; each step multiplies them by x^2048 mod P and
//            adds the next 256 bytes, so that the bytes shrink to 256 with the same CRC;
//   long     both at once. Folding leaves the crc32 unit idle, so each step folds 256 bytes of a
//            first part while the crc32 instruction takes 3 x 32 bytes from three further parts:
//
//              | folded: 256 n | stream: 32 n | stream: 32 n | stream: 32 n | rest |
//
// Folded bytes are reduced lane by lane to 16 bytes; the crc32 instruction makes their CRC.
#if defined(__GNUC__) && !defined(__clang__)
// The order in which mixed() is written is the order in which it is fastest; gcc's scheduler groups
// equal instructions and costs a quarter of the speed (measured with gcc 12 on Zen 4).
#pragma GCC optimize("no-schedule-insns2")
// gcc 12's own AVX-512 header reads "undefined" registers on purpose.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "kernel.h"

#if defined(__x86_64__) || defined(_M_X64)

#include "crc32c_x86.h"

#define THEMIS_AVX512 THEMIS_TARGET("avx512f,vpclmulqdq,sse4.2,pclmul")

namespace themis::kernel {

namespace {

constexpr size_t kStepBytes = 256;        // folded per step
constexpr size_t kStreamWords = 4;        // per stream and step: one after each 64 bytes folded
constexpr size_t kMixedStepBytes = kStepBytes + 3 * 8 * kStreamWords;
constexpr size_t kMixedStepsMax = kShiftWordsMax / kStreamWords;

constexpr size_t kFoldBytesMin = kStepBytes;
constexpr size_t kMixedBytesMin = 6 * 1024;  // measured: below, joining costs more than it brings

THEMIS_AVX512 inline __m512i load(const uint8_t* bytes) { return _mm512_loadu_si512(bytes); }

constexpr long long bits_of(uint64_t word) { return static_cast<long long>(word); }

// The constants for folding each of the four 128-bit lanes over `bits` bits.
template <int64_t bits>
THEMIS_AVX512 inline __m512i over() {
  constexpr long long first = bits_of(kFoldFirst<bits>), second = bits_of(kFoldSecond<bits>);
  return _mm512_set_epi64(second, first, second, first, second, first, second, first);
}

// value moved by what the constants say, plus `next`.
THEMIS_AVX512 inline __m512i fold(__m512i value, __m512i constant, __m512i next) {
  const __m512i first = _mm512_clmulepi64_epi128(value, constant, 0x00);
  const __m512i second = _mm512_clmulepi64_epi128(value, constant, 0x11);
  return _mm512_ternarylogic_epi64(first, second, next, 0x96);  // a ^ b ^ c
}

// Four lanes to one, then to a CRC. The last lane stays in place, the others move to it.
THEMIS_AVX512 inline uint32_t reduce(__m512i value) {
  const __m512i constant = _mm512_set_epi64(
      0, 0, bits_of(kFoldSecond<128>), bits_of(kFoldFirst<128>), bits_of(kFoldSecond<256>),
      bits_of(kFoldFirst<256>), bits_of(kFoldSecond<384>), bits_of(kFoldFirst<384>));
  const __m512i last = _mm512_maskz_mov_epi64(0xC0, value);
  const __m512i moved = fold(value, constant, last);
  const __m256i half =
      _mm256_xor_si256(_mm512_castsi512_si256(moved), _mm512_extracti64x4_epi64(moved, 1));
  const __m128i lane =
      _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  const x86::State half_crc = x86::step(0, static_cast<uint64_t>(_mm_cvtsi128_si64(lane)));
  const uint64_t second = static_cast<uint64_t>(_mm_extract_epi64(lane, 1));
  return static_cast<uint32_t>(x86::step(half_crc, second));
}

struct Folded {
  __m512i a, b, c, d;
};

THEMIS_AVX512 inline Folded start(const uint8_t* bytes, uint32_t crc) {
  const __m512i state = _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(crc)));
  return {_mm512_xor_si512(load(bytes), state), load(bytes + 64), load(bytes + 128),
          load(bytes + 192)};
}

THEMIS_AVX512 inline void advance(Folded& f, const uint8_t* bytes, __m512i constant) {
  f.a = fold(f.a, constant, load(bytes));
  f.b = fold(f.b, constant, load(bytes + 64));
  f.c = fold(f.c, constant, load(bytes + 128));
  f.d = fold(f.d, constant, load(bytes + 192));
}

// 256 bytes to 64.
THEMIS_AVX512 inline __m512i join(const Folded& f, __m512i over_512) {
  const __m512i over_1024 = over<1024>();
  const __m512i left = fold(f.a, over_512, f.b);
  const __m512i right = fold(f.c, over_512, f.d);
  return fold(left, over_1024, right);
}

// length >= kFoldBytesMin. Folds all whole 64-byte blocks; returns how many bytes that were.
THEMIS_AVX512 inline size_t fold_blocks(const uint8_t* bytes, size_t length, uint32_t& crc) {
  const __m512i over_2048 = over<2048>();
  const __m512i over_512 = over<512>();
  Folded folded = start(bytes, crc);
  size_t done = kStepBytes;
  for (; length - done >= kStepBytes; done += kStepBytes) advance(folded, bytes + done, over_2048);
  __m512i value = join(folded, over_512);
  for (; length - done >= 64; done += 64) value = fold(value, over_512, load(bytes + done));
  crc = reduce(value);
  return done;
}

// `steps` mixed steps, 1 <= steps <= kMixedStepsMax.
THEMIS_AVX512 inline uint32_t mixed(const uint8_t* bytes, size_t steps, uint32_t crc) {
  const __m512i over_2048 = over<2048>();
  const __m512i over_512 = over<512>();
  const uint32_t shift = x86::shift_over(steps * kStreamWords);
  const size_t stream_bytes = 8 * kStreamWords * steps;
  const uint8_t* p0 = bytes + kStepBytes * steps;
  const uint8_t* p1 = p0 + stream_bytes;
  const uint8_t* p2 = p1 + stream_bytes;
  const uint8_t* const end = p1;
  Folded folded = start(bytes, crc);
  x86::State s0 = 0, s1 = 0, s2 = 0;
  const auto three_steps = [&]() THEMIS_AVX512 {
    s0 = x86::step(s0, x86::load_u64(p0));
    s1 = x86::step(s1, x86::load_u64(p1));
    s2 = x86::step(s2, x86::load_u64(p2));
    p0 += 8;
    p1 += 8;
    p2 += 8;
  };
  for (size_t word = 0; word < kStreamWords; word += 1) three_steps();
  while (p0 != end) {
    bytes += kStepBytes;
    three_steps();
    folded.a = fold(folded.a, over_2048, load(bytes));
    three_steps();
    folded.b = fold(folded.b, over_2048, load(bytes + 64));
    three_steps();
    folded.c = fold(folded.c, over_2048, load(bytes + 128));
    three_steps();
    folded.d = fold(folded.d, over_2048, load(bytes + 192));
  }
  uint32_t joined = reduce(join(folded, over_512));
  joined = x86::move(joined, shift) ^ static_cast<uint32_t>(s0);
  joined = x86::move(joined, shift) ^ static_cast<uint32_t>(s1);
  return x86::move(joined, shift) ^ static_cast<uint32_t>(s2);
}

}  // namespace

THEMIS_AVX512 uint32_t crc32c_vpclmulqdq(const uint8_t* bytes, size_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  if (length >= kMixedBytesMin) {
    // Loads that straddle cache lines cost a tenth or more: start where a line starts.
    const size_t head = static_cast<size_t>(-reinterpret_cast<uintptr_t>(bytes)) & 63;
    crc = x86::serial(bytes, head, crc);
    bytes += head;
    length -= head;
    while (length >= kMixedBytesMin) {
      size_t steps = length / kMixedStepBytes;
      if (steps > kMixedStepsMax) steps = kMixedStepsMax;
      crc = mixed(bytes, steps, crc);
      bytes += steps * kMixedStepBytes;
      length -= steps * kMixedStepBytes;
    }
  }
  if (length >= kFoldBytesMin) {
    const size_t done = fold_blocks(bytes, length, crc);
    bytes += done;
    length -= done;
  } else if (length >= x86::kThreeStreamsBytesMin) {
    const size_t words = length / 24;
    crc = x86::three_streams(bytes, words, crc);
    bytes += 24 * words;
    length -= 24 * words;
  }
  return ~x86::serial(bytes, length, crc);
}

}  // namespace themis::kernel

#endif
