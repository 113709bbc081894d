// Coding with SSSE3: as with AVX2, sixteen bytes at once.
#include "coder.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "coder_x86.h"

#define THEMIS_CODER_TARGET THEMIS_TARGET("ssse3")
#define THEMIS_CODER_INLINE THEMIS_TARGET_INLINE("ssse3")

namespace themis::kernel {

namespace {

struct Vectors {
  using Vector = __m128i;
  struct Operand {
    __m128i low, high;
  };
  struct Coefficient {
    __m128i low, high;
  };
  static constexpr size_t kBytes = 16;
  static constexpr size_t kLanes = 2;
  static constexpr size_t kCoefficientBytes = 32;

  THEMIS_CODER_INLINE static Vector zero() { return _mm_setzero_si128(); }
  THEMIS_CODER_INLINE static Vector load(const uint8_t* bytes) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  }
  THEMIS_CODER_INLINE static void store(uint8_t* bytes, Vector value) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), value);
  }
  THEMIS_CODER_INLINE static void stream(uint8_t* bytes, Vector value) {
    _mm_stream_si128(reinterpret_cast<__m128i*>(bytes), value);
  }
  THEMIS_CODER_INLINE static Operand prepare(Vector value) {
    const __m128i nibble = _mm_set1_epi8(15);
    return {_mm_and_si128(value, nibble), _mm_and_si128(_mm_srli_epi64(value, 4), nibble)};
  }
  THEMIS_CODER_INLINE static Coefficient coefficient(const uint8_t* tables) {
    return {load(tables), load(tables + 16)};
  }
  THEMIS_CODER_INLINE static Vector add(Vector sum, Coefficient c, Operand x) {
    const __m128i product =
        _mm_xor_si128(_mm_shuffle_epi8(c.low, x.low), _mm_shuffle_epi8(c.high, x.high));
    return _mm_xor_si128(sum, product);
  }
  THEMIS_CODER_INLINE static Vector add_two(Vector sum, Coefficient c, Operand x, Coefficient d,
                                            Operand y) {
    return add(add(sum, c, x), d, y);
  }
  THEMIS_CODER_INLINE static bool differs(Vector a, Vector b) {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) != 0xFFFF;
  }
};

#include "coding_loop.h"

constexpr RunPass kPasses[] = {run<1>, run<2>, run<3>, run<4>};

}  // namespace

const Coder kCoderSsse3 = {"ssse3",             kSsse3,  4,         Vectors::kCoefficientBytes,
                           expand_nibbles, kPasses, x86::fence};

}  // namespace themis::kernel

#endif
