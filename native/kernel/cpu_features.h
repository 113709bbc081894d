// What this CPU and this operating system let a tier use. Asked once, when the addon loads.
#pragma once

#include <cstdint>
#include <string>

namespace themis::kernel {

using CpuFeatures = uint32_t;  // a set of the bits below

inline constexpr CpuFeatures kSse42 = 1u << 0;
inline constexpr CpuFeatures kPclmulqdq = 1u << 1;
inline constexpr CpuFeatures kAvx512f = 1u << 2;  // and the system saves zmm registers
inline constexpr CpuFeatures kVpclmulqdq = 1u << 3;
inline constexpr CpuFeatures kArmCrc32 = 1u << 4;
inline constexpr CpuFeatures kArmPmull = 1u << 5;
inline constexpr CpuFeatures kSsse3 = 1u << 6;
inline constexpr CpuFeatures kAvx2 = 1u << 7;  // and the system saves ymm registers
inline constexpr CpuFeatures kAvx512bw = 1u << 8;
inline constexpr CpuFeatures kGfni = 1u << 9;

CpuFeatures detect_cpu_features();

// The names of a set, for people: "AVX512F, VPCLMULQDQ".
std::string describe(CpuFeatures features);

}  // namespace themis::kernel
