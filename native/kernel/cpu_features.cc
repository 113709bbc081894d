// Feature detection: cpuid and xgetbv on x86-64, the auxiliary vector on aarch64 Linux.
#include "cpu_features.h"

#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(_M_X64)
#include <intrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(_M_ARM64)
#include <windows.h>
#endif

namespace themis::kernel {

#if defined(__x86_64__) || defined(_M_X64)

namespace {

struct CpuidLeaf {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

// All zero when the CPU does not have the leaf.
CpuidLeaf cpuid(uint32_t leaf) {
  CpuidLeaf result;
#if defined(_M_X64)
  int highest[4], registers[4];
  __cpuid(highest, 0);
  if (static_cast<uint32_t>(highest[0]) < leaf) return result;
  __cpuidex(registers, static_cast<int>(leaf), 0);
  result.eax = static_cast<uint32_t>(registers[0]);
  result.ebx = static_cast<uint32_t>(registers[1]);
  result.ecx = static_cast<uint32_t>(registers[2]);
  result.edx = static_cast<uint32_t>(registers[3]);
#else
  __get_cpuid_count(leaf, 0, &result.eax, &result.ebx, &result.ecx, &result.edx);
#endif
  return result;
}

// Which register states the operating system saves (XCR0). Only legal when cpuid says OSXSAVE.
uint64_t saved_states() {
#if defined(_M_X64)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
#endif
}

constexpr bool bit(uint32_t word, int index) { return ((word >> index) & 1) != 0; }

}  // namespace

CpuFeatures detect_cpu_features() {
  const CpuidLeaf one = cpuid(1);
  const CpuidLeaf seven = cpuid(7);
  CpuFeatures features = 0;
  if (bit(one.ecx, 20)) features |= kSse42;
  if (bit(one.ecx, 1)) features |= kPclmulqdq;
  if (bit(one.ecx, 9)) features |= kSsse3;
  if (bit(seven.ecx, 8)) features |= kGfni;
  // XCR0: xmm (1), ymm (2), opmask (5), upper halves of zmm0-15 (6), zmm16-31 (7).
  constexpr uint64_t ymm_states = 0x06, zmm_states = 0xE6;
  const uint64_t saved = bit(one.ecx, 27) ? saved_states() : 0;
  const bool ymm_saved = (saved & ymm_states) == ymm_states;
  const bool zmm_saved = (saved & zmm_states) == zmm_states;
  if (ymm_saved && bit(seven.ebx, 5)) features |= kAvx2;
  if (zmm_saved && bit(seven.ebx, 16)) features |= kAvx512f;
  if (zmm_saved && bit(seven.ebx, 30)) features |= kAvx512bw;
  if (zmm_saved && bit(seven.ecx, 10)) features |= kVpclmulqdq;
  return features;
}

#elif defined(__aarch64__) && defined(__linux__)

CpuFeatures detect_cpu_features() {
  const unsigned long capabilities = getauxval(AT_HWCAP);
  CpuFeatures features = 0;
  if ((capabilities & (1ul << 7)) != 0) features |= kArmCrc32;  // HWCAP_CRC32
  if ((capabilities & (1ul << 4)) != 0) features |= kArmPmull;  // HWCAP_PMULL
  return features;
}

#elif defined(__aarch64__) && defined(__APPLE__)

CpuFeatures detect_cpu_features() { return kArmCrc32 | kArmPmull; }  // every Apple CPU has both

#elif defined(_M_ARM64)

CpuFeatures detect_cpu_features() {
  CpuFeatures features = 0;
  if (IsProcessorFeaturePresent(PF_ARM_V8_CRC32_INSTRUCTIONS_AVAILABLE)) features |= kArmCrc32;
  if (IsProcessorFeaturePresent(PF_ARM_V8_CRYPTO_INSTRUCTIONS_AVAILABLE)) features |= kArmPmull;
  return features;
}

#else

CpuFeatures detect_cpu_features() { return 0; }

#endif

std::string describe(CpuFeatures features) {
  constexpr std::pair<CpuFeatures, const char*> names[] = {
      {kSse42, "SSE4.2"},           {kPclmulqdq, "PCLMULQDQ"}, {kAvx512f, "AVX512F"},
      {kVpclmulqdq, "VPCLMULQDQ"},  {kArmCrc32, "CRC32"},      {kArmPmull, "PMULL"},
      {kSsse3, "SSSE3"},            {kAvx2, "AVX2"},           {kAvx512bw, "AVX512BW"},
      {kGfni, "GFNI"},
  };
  std::string text;
  for (const auto& [feature, name] : names) {
    if ((features & feature) == 0) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace themis::kernel
