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

}  // namespace themis::kernel
