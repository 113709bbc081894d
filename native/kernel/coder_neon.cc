// Coding on ARMv8: nibble lookups by the table instruction, sixteen bytes at once. Every aarch64
// CPU has it. There are no stores past the caches that intrinsics could name: streaming is storing.
#include "coder.h"

#if defined(__aarch64__) || defined(_M_ARM64)

#include <arm_neon.h>

#include "coding_build.h"
#include "gf256.h"

#define THEMIS_CODER_TARGET
#define THEMIS_CODER_INLINE THEMIS_ALWAYS_INLINE

namespace themis::kernel {

namespace {

struct Vectors {
  using Vector = uint8x16_t;
  struct Operand {
    uint8x16_t low, high;
  };
  struct Coefficient {
    uint8x16_t low, high;
  };
  static constexpr size_t kBytes = 16;
  static constexpr size_t kLanes = 2;
  static constexpr size_t kCoefficientBytes = 32;

  THEMIS_CODER_INLINE static Vector zero() { return vdupq_n_u8(0); }
  THEMIS_CODER_INLINE static Vector load(const uint8_t* bytes) { return vld1q_u8(bytes); }
  THEMIS_CODER_INLINE static void store(uint8_t* bytes, Vector value) { vst1q_u8(bytes, value); }
  THEMIS_CODER_INLINE static void stream(uint8_t* bytes, Vector value) { store(bytes, value); }
  THEMIS_CODER_INLINE static Operand prepare(Vector value) {
    return {vandq_u8(value, vdupq_n_u8(15)), vshrq_n_u8(value, 4)};
  }
  THEMIS_CODER_INLINE static Coefficient coefficient(const uint8_t* tables) {
    return {load(tables), load(tables + 16)};
  }
  THEMIS_CODER_INLINE static Vector add(Vector sum, Coefficient c, Operand x) {
    return veorq_u8(sum, veorq_u8(vqtbl1q_u8(c.low, x.low), vqtbl1q_u8(c.high, x.high)));
  }
  THEMIS_CODER_INLINE static Vector add_two(Vector sum, Coefficient c, Operand x, Coefficient d,
                                            Operand y) {
    return add(add(sum, c, x), d, y);
  }
  THEMIS_CODER_INLINE static bool differs(Vector a, Vector b) {
    return vminvq_u8(vceqq_u8(a, b)) != 255;
  }
};

#include "coding_loop.h"

constexpr RunPass kPasses[] = {run<1>, run<2>, run<3>, run<4>};

}  // namespace

const Coder kCoderNeon = {"neon",         0,       4,       Vectors::kCoefficientBytes,
                          expand_nibbles, kPasses, no_fence};

}  // namespace themis::kernel

#endif
