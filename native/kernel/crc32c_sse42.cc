// CRC32C with SSE4.2 and PCLMULQDQ. Two ways, by length:
//
//   short    the crc32 instruction on one stream, then on three (crc32c_x86.h): eight bytes per
//            cycle at most;
//   long     folding beside it. Carry-less multiplication uses another unit than the crc32
//            instruction, so each step folds 64 bytes of a first part (four registers, multiplied
//            by x^512 mod P) while the instruction takes 3 x 48 bytes of three further parts:
//
//              | folded: 64 n | stream: 48 n | stream: 48 n | stream: 48 n | rest |
#if defined(__GNUC__) && !defined(__clang__)
// Written in the order in which it is fastest; gcc's scheduler would group equal instructions.
#pragma GCC optimize("no-schedule-insns2")
#endif

#include "kernel.h"

#if defined(__x86_64__) || defined(_M_X64)

#include "crc32c_x86.h"

namespace themis::kernel {

namespace {

constexpr size_t kStepBytes = 64;   // folded per step
constexpr size_t kStreamWords = 6;  // per stream and step; 18 instructions beside 8 multiplications
constexpr size_t kMixedStepBytes = kStepBytes + 3 * 8 * kStreamWords;
constexpr size_t kMixedStepsMax = kShiftWordsMax / kStreamWords;
constexpr size_t kMixedBytesMin = 768;  // measured: below, joining costs more than it brings

THEMIS_SSE42 inline __m128i load(const uint8_t* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

template <int64_t bits>
THEMIS_SSE42 inline __m128i over() {
  return _mm_set_epi64x(static_cast<long long>(kFoldSecond<bits>),
                        static_cast<long long>(kFoldFirst<bits>));
}

// value moved by what the constants say, plus `next`.
THEMIS_SSE42 inline __m128i fold(__m128i value, __m128i constant, __m128i next) {
  const __m128i second = _mm_clmulepi64_si128(value, constant, 0x11);
  const __m128i first = _mm_clmulepi64_si128(value, constant, 0x00);
  return _mm_xor_si128(_mm_xor_si128(first, second), next);
}

// 16 bytes to their CRC.
THEMIS_SSE42 inline uint32_t reduce(__m128i value) {
  const x86::State half = x86::step(0, static_cast<uint64_t>(_mm_cvtsi128_si64(value)));
  const uint64_t second = static_cast<uint64_t>(_mm_extract_epi64(value, 1));
  return static_cast<uint32_t>(x86::step(half, second));
}

// `steps` mixed steps, 1 <= steps <= kMixedStepsMax.
THEMIS_SSE42 inline uint32_t mixed(const uint8_t* bytes, size_t steps, uint32_t crc) {
  const __m128i over_512 = over<512>();
  const uint32_t shift = x86::shift_over(steps * kStreamWords);
  const size_t stream_bytes = 8 * kStreamWords * steps;
  const uint8_t* p0 = bytes + kStepBytes * steps;
  const uint8_t* p1 = p0 + stream_bytes;
  const uint8_t* p2 = p1 + stream_bytes;
  const uint8_t* const end = p1;
  x86::State s0 = 0, s1 = 0, s2 = 0;
  const auto three_steps = [&]() THEMIS_SSE42 {
    s0 = x86::step(s0, x86::load_u64(p0));
    s1 = x86::step(s1, x86::load_u64(p1));
    s2 = x86::step(s2, x86::load_u64(p2));
    p0 += 8;
    p1 += 8;
    p2 += 8;
  };
  __m128i a = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128(static_cast<int>(crc)));
  __m128i b = load(bytes + 16), c = load(bytes + 32), d = load(bytes + 48);
  for (size_t word = 0; word < kStreamWords; word += 1) three_steps();
  while (p0 != end) {
    bytes += kStepBytes;
    three_steps();
    a = fold(a, over_512, load(bytes));
    three_steps();
    b = fold(b, over_512, load(bytes + 16));
    three_steps();
    three_steps();
    c = fold(c, over_512, load(bytes + 32));
    three_steps();
    d = fold(d, over_512, load(bytes + 48));
    three_steps();
  }
  const __m128i folded = fold(a, over<384>(), fold(b, over<256>(), fold(c, over<128>(), d)));
  uint32_t joined = reduce(folded);
  joined = x86::move(joined, shift) ^ static_cast<uint32_t>(s0);
  joined = x86::move(joined, shift) ^ static_cast<uint32_t>(s1);
  return x86::move(joined, shift) ^ static_cast<uint32_t>(s2);
}

}  // namespace

THEMIS_SSE42 uint32_t crc32c_sse42(const uint8_t* bytes, size_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  while (length >= kMixedBytesMin) {
    size_t steps = length / kMixedStepBytes;
    if (steps > kMixedStepsMax) steps = kMixedStepsMax;
    crc = mixed(bytes, steps, crc);
    bytes += steps * kMixedStepBytes;
    length -= steps * kMixedStepBytes;
  }
  if (length >= x86::kThreeStreamsBytesMin) {
    const size_t words = length / 24;
    crc = x86::three_streams(bytes, words, crc);
    bytes += 24 * words;
    length -= 24 * words;
  }
  return ~x86::serial(bytes, length, crc);
}

}  // namespace themis::kernel

#endif
