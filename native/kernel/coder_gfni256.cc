// Coding with GFNI on 256-bit registers, for CPUs whose AVX-512 is absent or disabled.
#include "coder.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

#include "coder_x86.h"

#define THEMIS_CODER_TARGET THEMIS_TARGET("avx2,gfni")
#define THEMIS_CODER_INLINE THEMIS_TARGET_INLINE("avx2,gfni")

namespace themis::kernel {

namespace {

struct Vectors {
  using Vector = __m256i;
  using Operand = __m256i;
  using Coefficient = __m256i;
  static constexpr size_t kBytes = 32;
  static constexpr size_t kLanes = 2;
  static constexpr size_t kCoefficientBytes = 8;

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
  THEMIS_CODER_INLINE static Operand prepare(Vector value) { return value; }
  THEMIS_CODER_INLINE static Coefficient coefficient(const uint8_t* tables) {
    return _mm256_set1_epi64x(x86::load_i64(tables));
  }
  THEMIS_CODER_INLINE static Vector add(Vector sum, Coefficient c, Operand x) {
    return _mm256_xor_si256(sum, _mm256_gf2p8affine_epi64_epi8(x, c, 0));
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

const Coder kCoderGfni256 = {"gfni256",         kGfni | kAvx2, 4, Vectors::kCoefficientBytes,
                             expand_affine, kPasses,       x86::fence};

}  // namespace themis::kernel

#endif
