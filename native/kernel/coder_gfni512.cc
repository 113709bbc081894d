// Coding with GFNI on 512-bit registers: gf2p8affineqb multiplies 64 bytes by a constant, whose
// matrix comes by a broadcasting load, and one ternary XOR adds two products.
#include "coder.h"

#if defined(__x86_64__) || defined(_M_X64)
#if defined(__GNUC__) && !defined(__clang__)
// gcc 12's own AVX-512 header reads "undefined" registers on purpose.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include "coder_x86.h"

#define THEMIS_CODER_TARGET THEMIS_TARGET("avx512f,avx512bw,gfni")
#define THEMIS_CODER_INLINE THEMIS_TARGET_INLINE("avx512f,avx512bw,gfni")

namespace themis::kernel {

namespace {

struct Vectors {
  using Vector = __m512i;
  using Operand = __m512i;
  using Coefficient = __m512i;
  static constexpr size_t kBytes = 64;
  // Sums of four rows and a pair of sources fill 24 of 32 registers.
  static constexpr size_t kLanes = 4;
  static constexpr size_t kCoefficientBytes = 8;

  THEMIS_CODER_INLINE static Vector zero() { return _mm512_setzero_si512(); }
  THEMIS_CODER_INLINE static Vector load(const uint8_t* bytes) {
    return _mm512_loadu_si512(bytes);
  }
  THEMIS_CODER_INLINE static void store(uint8_t* bytes, Vector value) {
    _mm512_storeu_si512(bytes, value);
  }
  THEMIS_CODER_INLINE static void stream(uint8_t* bytes, Vector value) {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(bytes), value);
  }
  THEMIS_CODER_INLINE static Operand prepare(Vector value) { return value; }
  THEMIS_CODER_INLINE static Coefficient coefficient(const uint8_t* tables) {
    return _mm512_set1_epi64(x86::load_i64(tables));
  }
  THEMIS_CODER_INLINE static Vector add(Vector sum, Coefficient c, Operand x) {
    return _mm512_xor_si512(sum, _mm512_gf2p8affine_epi64_epi8(x, c, 0));
  }
  THEMIS_CODER_INLINE static Vector add_two(Vector sum, Coefficient c, Operand x, Coefficient d,
                                            Operand y) {
    const Vector first = _mm512_gf2p8affine_epi64_epi8(x, c, 0);
    const Vector second = _mm512_gf2p8affine_epi64_epi8(y, d, 0);
    return _mm512_ternarylogic_epi64(sum, first, second, 0x96);  // a ^ b ^ c
  }
  THEMIS_CODER_INLINE static bool differs(Vector a, Vector b) {
    return _mm512_cmpneq_epi64_mask(a, b) != 0;
  }
};

#include "coding_loop.h"

constexpr RunPass kPasses[] = {run<1>, run<2>, run<3>, run<4>};

}  // namespace

const Coder kCoderGfni512 = {"gfni512", kGfni | kAvx512f | kAvx512bw, 4,
                             Vectors::kCoefficientBytes, expand_affine, kPasses, x86::fence};

}  // namespace themis::kernel

#endif
