// The dispatch table, best tier first.
#include "kernel.h"

namespace themis::kernel {

namespace {

constexpr Tier kTiers[] = {
#if defined(__x86_64__) || defined(_M_X64)
    {"vpclmulqdq", kSse42 | kPclmulqdq | kAvx512f | kVpclmulqdq, crc32c_vpclmulqdq},
    {"sse42", kSse42 | kPclmulqdq, crc32c_sse42},
#elif defined(__aarch64__) || defined(_M_ARM64)
    {"neon", kArmCrc32 | kArmPmull, crc32c_neon},
#endif
    {"scalar", 0, crc32c_scalar},
};

}  // namespace

TierList tiers() { return {kTiers, sizeof(kTiers) / sizeof(kTiers[0])}; }

Crc32c best_crc32c() {
  const CpuFeatures features = detect_cpu_features();
  for (const Tier& tier : kTiers) {
    if ((tier.required & ~features) == 0) return tier.crc32c;
  }
  return crc32c_scalar;
}

}  // namespace themis::kernel
