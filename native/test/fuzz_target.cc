// The fuzzed property: every tier gives the oracle's CRC for any bytes, cut anywhere, at any
// alignment, and crc32c_ranges never leaves its bytes. libFuzzer calls it; so does fuzz_driver.cc.
//
//   | cut u16 | alignment u8 | seed u32 | bytes ... |   the bytes are also read as ranges
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../kernel/kernel.h"
#include "naive.h"

namespace {

void require(bool holds, const char* tier, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: %s: %s\n", tier, what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace themis::kernel;
  constexpr size_t header = 7;
  if (size < header) return 0;
  uint16_t cut_raw;
  uint32_t seed;
  std::memcpy(&cut_raw, data, sizeof cut_raw);
  std::memcpy(&seed, data + 3, sizeof seed);
  const size_t alignment = data[2] & 63;
  const size_t length = size - header;
  const size_t cut = cut_raw % (length + 1);
  // An allocation of exactly this size: one byte too many is the sanitizer's to find.
  std::vector<uint8_t> copy(alignment + length);
  if (length > 0) std::memcpy(copy.data() + alignment, data + header, length);
  const uint8_t* bytes = copy.data() + alignment;

  const size_t count = length / 8;
  std::vector<uint32_t> pairs(2 * count);
  if (count > 0) std::memcpy(pairs.data(), bytes, 8 * count);
  bool inside = true;
  for (size_t i = 0; i < count; i += 1) {
    if ((seed & 1) != 0) {  // Half of the inputs: ranges that fit more often than not.
      pairs[2 * i] %= static_cast<uint32_t>(length);
      pairs[2 * i + 1] %= static_cast<uint32_t>(length - pairs[2 * i] + 1);
    }
    inside &= uint64_t{pairs[2 * i]} + pairs[2 * i + 1] <= length;
  }

  static const CpuFeatures features = detect_cpu_features();
  const uint32_t expected = themis::test::naive_crc32c(bytes, length, seed);
  for (const Tier& tier : tiers()) {
    if ((tier.required & ~features) != 0) continue;
    require(tier.crc32c(bytes, length, seed) == expected, tier.name, "whole");
    const uint32_t first = tier.crc32c(bytes, cut, seed);
    require(tier.crc32c(bytes + cut, length - cut, first) == expected, tier.name, "split");
    std::vector<uint32_t> results(count, 0x55555555u);
    const bool accepted =
        crc32c_ranges(tier.crc32c, bytes, length, pairs.data(), count, results.data());
    require(accepted == inside, tier.name, "ranges accepted exactly when inside");
    for (size_t i = 0; i < count; i += 1) {
      const uint32_t wanted =
          accepted ? themis::test::naive_crc32c(bytes + pairs[2 * i], pairs[2 * i + 1], 0)
                   : 0x55555555u;
      require(results[i] == wanted, tier.name, "range");
      if (i == 64) break;  // The oracle is slow.
    }
  }
  return 0;
}
