// The compute kernels: plain C++ without a Node header. One table of tiers, best first; a tier is
// one implementation of every kernel on one instruction set. A new kernel is a new column (one more
// function pointer in Tier), a new instruction set is a new row (see native/README.md).
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu_features.h"

namespace themis::kernel {

// CRC32C of bytes[0, length), continuing from `seed`, the CRC of what came before (0 to start).
// Never reads outside the range; `bytes` may have any alignment and may be null when length is 0.
using Crc32c = uint32_t (*)(const uint8_t* bytes, size_t length, uint32_t seed);

struct Tier {
  const char* name;      // "addon/" + this is the name that callers see
  CpuFeatures required;  // the CPU features without which calling it is undefined
  Crc32c crc32c;
};

struct TierList {
  const Tier* first;
  size_t count;
  const Tier* begin() const { return first; }
  const Tier* end() const { return first + count; }
};

// Every tier compiled for this architecture, best first; the last one runs on every CPU.
TierList tiers();

// The crc32c of the best tier that this CPU runs.
Crc32c best_crc32c();

uint32_t crc32c_scalar(const uint8_t* bytes, size_t length, uint32_t seed);
#if defined(__x86_64__) || defined(_M_X64)
uint32_t crc32c_sse42(const uint8_t* bytes, size_t length, uint32_t seed);
uint32_t crc32c_vpclmulqdq(const uint8_t* bytes, size_t length, uint32_t seed);
#elif defined(__aarch64__) || defined(_M_ARM64)
uint32_t crc32c_neon(const uint8_t* bytes, size_t length, uint32_t seed);
#endif

// CRC32C of `count` ranges (pairs offset, length in `ranges`) of bytes[0, size), each from seed 0,
// into `results`. False, with nothing written, when a range leaves the bytes. Another thread may
// change `ranges` meanwhile: each pair is checked again when it is used, and false then means that
// the first results were written.
bool crc32c_ranges(Crc32c crc32c, const uint8_t* bytes, size_t size, const uint32_t* ranges,
                   size_t count, uint32_t* results);

}  // namespace themis::kernel
