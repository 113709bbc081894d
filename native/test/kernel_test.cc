// Unit test of the plain C++ kernels: every tier that this CPU can run against the oracle, for all
// small lengths at all alignments, against guard pages on both sides, and with all ways to refuse.
#include <cstdio>
#include <cstring>
#include <vector>

#include "../kernel/crc32c_polynomial.h"
#include "../kernel/kernel.h"
#include "guarded.h"
#include "naive.h"

namespace {

using namespace themis::kernel;
using namespace themis::test;

int failures = 0;

void check(bool holds, const char* tier, const char* what, size_t a = 0, size_t b = 0) {
  if (holds) return;
  failures += 1;
  if (failures <= 20) std::printf("FAIL %s: %s (%zu, %zu)\n", tier, what, a, b);
}

// The appendix of RFC 3720 (B.4), plus the customary check value.
void known_vectors(const Tier& tier) {
  uint8_t bytes[32];
  std::memset(bytes, 0, 32);
  check(tier.crc32c(bytes, 32, 0) == 0x8A9136AAu, tier.name, "32 zeros");
  std::memset(bytes, 0xFF, 32);
  check(tier.crc32c(bytes, 32, 0) == 0x62A8AB43u, tier.name, "32 ones");
  for (uint8_t i = 0; i < 32; i += 1) bytes[i] = i;
  check(tier.crc32c(bytes, 32, 0) == 0x46DD794Eu, tier.name, "32 ascending");
  for (uint8_t i = 0; i < 32; i += 1) bytes[i] = static_cast<uint8_t>(31 - i);
  check(tier.crc32c(bytes, 32, 0) == 0x113FDB5Cu, tier.name, "32 descending");
  const char* digits = "123456789";
  check(tier.crc32c(reinterpret_cast<const uint8_t*>(digits), 9, 0) == 0xE3069283u, tier.name,
        "check value");
  check(tier.crc32c(nullptr, 0, 0) == 0, tier.name, "nothing");
  check(tier.crc32c(nullptr, 0, 77) == 77, tier.name, "nothing, continued");
}

// Both ends of a guarded area: what starts at its first byte, and what ends at its last.
void small_lengths(const Tier& tier, const Guarded& area) {
  for (size_t offset = 0; offset < 64; offset += 1) {
    for (size_t length = 0; length <= 600; length += 1) {
      const uint32_t seed = static_cast<uint32_t>(length * 0x9E3779B9u);
      const uint8_t* low = area.begin() + offset;
      const uint8_t* high = area.end() - offset - length;
      check(tier.crc32c(low, length, seed) == naive_crc32c(low, length, seed), tier.name,
            "low end", length, offset);
      check(tier.crc32c(high, length, seed) == naive_crc32c(high, length, seed), tier.name,
            "high end", length, offset);
    }
  }
}

// Around every threshold and around multiples of every step; the last byte touches the guard.
void large_lengths(const Tier& tier, const Guarded& area) {
  const size_t around[] = {768,  832,  1024,  2048,  4096,  6144,
                           6208, 8192, 12288, 16384, 65536, 131072};
  for (const size_t middle : around) {
    for (size_t length = middle - 70; length <= middle + 70; length += 7) {
      const uint8_t* bytes = area.end() - length;
      check(tier.crc32c(bytes, length, 3) == naive_crc32c(bytes, length, 3), tier.name, "large",
            length);
    }
  }
  // Longer than one block of three streams (1.5 MiB) and of mixed steps (2.2 and 5.5 MiB).
  for (const size_t length : {size_t{1572861}, area.size() - 5}) {
    const uint8_t* bytes = area.begin() + 5;
    check(tier.crc32c(bytes, length, 0) == naive_crc32c(bytes, length, 0), tier.name, "blocks",
          length);
  }
}

void continuation(const Tier& tier, const Guarded& area) {
  Random random(11);
  for (int round = 0; round < 2000; round += 1) {
    const size_t length = random.next() % 20000;
    const size_t cut = length == 0 ? 0 : random.next() % (length + 1);
    const uint8_t* bytes = area.begin() + random.next() % 4096;
    const uint32_t whole = tier.crc32c(bytes, length, 0);
    const uint32_t first = tier.crc32c(bytes, cut, 0);
    check(tier.crc32c(bytes + cut, length - cut, first) == whole, tier.name, "split", length, cut);
  }
}

void ranges(const Tier& tier, const Guarded& area) {
  const size_t size = 4096;
  const uint8_t* bytes = area.end() - size;
  const std::vector<uint32_t> pairs = {0, 0, 0, 4096, 4096, 0, 17, 100, 4095, 1, 1, 255};
  const size_t count = pairs.size() / 2;
  std::vector<uint32_t> results(count, 0xAAAAAAAAu);
  check(crc32c_ranges(tier.crc32c, bytes, size, pairs.data(), count, results.data()), tier.name,
        "ranges accepted");
  for (size_t i = 0; i < count; i += 1) {
    check(results[i] == naive_crc32c(bytes + pairs[2 * i], pairs[2 * i + 1], 0), tier.name,
          "range", i);
  }
  const uint32_t bad[][2] = {{4097, 0}, {4096, 1}, {0, 4097}, {0xFFFFFFFFu, 0xFFFFFFFFu},
                             {0xFFFFFFFFu, 1}, {1, 0xFFFFFFFFu}};
  for (const auto& pair : bad) {
    const uint32_t list[] = {0, 16, pair[0], pair[1]};
    uint32_t untouched[2] = {0xAAAAAAAAu, 0xAAAAAAAAu};
    check(!crc32c_ranges(tier.crc32c, bytes, size, list, 2, untouched), tier.name, "refused");
    check(untouched[0] == 0xAAAAAAAAu && untouched[1] == 0xAAAAAAAAu, tier.name, "untouched");
  }
}

// x^n by n single steps, against the fast way; the tables against their definition.
void polynomial() {
  uint32_t slow = kOne;
  for (int64_t n = 0; n < 5000; n += 1, slow = times_x(slow)) {
    check(power_of_x(n) == slow, "polynomial", "power", static_cast<size_t>(n));
    check(multiply(power_of_x(-n), slow) == kOne, "polynomial", "inverse", static_cast<size_t>(n));
  }
  for (size_t digit = 0; digit < kShiftDigits; digit += 1) {
    for (size_t value = 0; value < 16; value += 1) {
      const std::vector<uint8_t> zeros(8 * (value << (4 * digit)));
      const uint32_t moved = ~naive_crc32c(zeros.data(), zeros.size(), ~0x12345678u);
      const uint32_t shift = multiply(kShiftTable[digit][value], power_of_x(33));
      check(multiply(0x12345678u, shift) == moved, "polynomial", "shift", digit, value);
    }
  }
  check(describe(0).empty(), "features", "none");
  check(describe(kSse42 | kVpclmulqdq) == "SSE4.2, VPCLMULQDQ", "features", "names");
}

}  // namespace

int main() {
  polynomial();
  Guarded area(1500);
  Random(42).fill(area.begin(), area.size());
  const CpuFeatures features = detect_cpu_features();
  for (const Tier& tier : tiers()) {
    const CpuFeatures missing = tier.required & ~features;
    if (missing != 0) {
      std::printf("tier %s: not run, this CPU lacks %s\n", tier.name, describe(missing).c_str());
      continue;
    }
    known_vectors(tier);
    small_lengths(tier, area);
    large_lengths(tier, area);
    continuation(tier, area);
    ranges(tier, area);
    std::printf("tier %s: checked\n", tier.name);
  }
  std::printf("%s\n", failures == 0 ? "kernel_test: ok" : "kernel_test: FAILED");
  return failures == 0 ? 0 : 1;
}
