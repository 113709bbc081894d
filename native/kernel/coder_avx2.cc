// Coding with AVX2: a byte times a constant is the sum of two lookups of sixteen entries, by its
// low and by its high nibble; vpshufb does 32 of them at once.
#include "coder.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "coder_x86.h"

#define THEMIS_CODER_TARGET THEMIS_TARGET("avx2")
#define THEMIS_CODER_INLINE THEMIS_TARGET_INLINE("avx2")

namespace themis::kernel {

namespace {

struct Vectors {
  using Vector = __m256i;
  struct Operand {
    __m256i low, high;
  };
  struct Coefficient {
    __m256i low, high;
  };
  static constexpr size_t kBytes = 32;
  static constexpr size_t kLanes = 2;
  static constexpr size_t kCoefficientBytes = 32;

  THEMIS_CODER_INLINE static Vector zero() { return _mm256_setzero_si256(); }
  THEMIS_CODER_INLINE static Vector load(const uint8_t* bytes) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  }
  THEMIS_CODER_INLINE static void store(uint8_t* bytes, Vector value) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(bytes), value);
  }
  THEMIS_CODER_INLINE static void stream(uint8_t* bytes, Vector value) {
    _mm256_stream_si256(reinterpret_cast<__m256i*>(bytes), value);
  }
  THEMIS_CODER_INLINE static Operand prepare(Vector value) {
    const __m256i nibble = _mm256_set1_epi8(15);
    return {_mm256_and_si256(value, nibble),
            _mm256_and_si256(_mm256_srli_epi64(value, 4), nibble)};
  }
  THEMIS_CODER_INLINE static __m256i table(const uint8_t* bytes) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
  }
  THEMIS_CODER_INLINE static Coefficient coefficient(const uint8_t* tables) {
    return {table(tables), table(tables + 16)};
  }
  THEMIS_CODER_INLINE static Vector add(Vector sum, Coefficient c, Operand x) {
    const __m256i product = _mm256_xor_si256(_mm256_shuffle_epi8(c.low, x.low),
                                             _mm256_shuffle_epi8(c.high, x.high));
    return _mm256_xor_si256(sum, product);
  }
  THEMIS_CODER_INLINE static Vector add_two(Vector sum, Coefficient c, Operand x, Coefficient d,
                                            Operand y) {
    return add(add(sum, c, x), d, y);
  }
  THEMIS_CODER_INLINE static bool differs(Vector a, Vector b) {
    const __m256i difference = _mm256_xor_si256(a, b);
    return _mm256_testz_si256(difference, difference) == 0;
  }
};

#include "coding_loop.h"

constexpr RunPass kPasses[] = {run<1>, run<2>, run<3>, run<4>};

}  // namespace

const Coder kCoderAvx2 = {"avx2",            kAvx2,   4,         Vectors::kCoefficientBytes,
                          expand_nibbles, kPasses, x86::fence};

}  // namespace themis::kernel

#endif
