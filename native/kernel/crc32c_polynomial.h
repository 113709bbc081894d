// Arithmetic in GF(2)[x] modulo the Castagnoli polynomial, at compile time. Every constant of every
// tier is derived here, none is copied: the tests check these functions bit by bit.
//
// P = x^32 + 0x1EDC6F41. A residue is kept bit-reflected, as the crc32 instructions keep it:
// bit 31 is the coefficient of x^0, bit 0 that of x^31. Multiplying by x is a shift to the right.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace themis::kernel {

inline constexpr uint32_t kPolynomial = 0x82F63B78u;  // P without x^32, reflected
inline constexpr uint32_t kOne = 0x80000000u;         // x^0

// P is (x + 1) times a primitive polynomial of degree 31, so x has this order modulo P.
inline constexpr uint64_t kOrder = 0x7FFFFFFFu;

constexpr uint32_t times_x(uint32_t a) { return (a >> 1) ^ ((a & 1) != 0 ? kPolynomial : 0); }

constexpr uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = kOne; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = times_x(b);
  }
  return product;
}

// x^exponent mod P; negative exponents are inverses.
constexpr uint32_t power_of_x(int64_t exponent) {
  constexpr int64_t order = static_cast<int64_t>(kOrder);
  uint64_t rest = static_cast<uint64_t>(((exponent % order) + order) % order);
  uint32_t result = kOne;
  for (uint32_t square = kOne >> 1; rest != 0; rest >>= 1) {
    if ((rest & 1) != 0) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

static_assert(multiply(power_of_x(1), power_of_x(-1)) == kOne, "x^-1 inverts x");
static_assert(multiply(power_of_x(kOrder - 33), power_of_x(33)) == kOne, "x^order is 1");
static_assert(power_of_x(32) == kPolynomial, "x^32 is P without its leading term");

// A carry-less product of two reflected operands lands one bit too low, that is, multiplied by x.
// So the constant that folds a reflected 64-bit half over `bits` bits is x^(bits - 1), in the upper
// half of its word (a residue has degree < 32, and the top bit of a reflected word is x^0).
constexpr uint64_t fold_constant(int64_t bits) {
  return static_cast<uint64_t>(power_of_x(bits - 1)) << 32;
}

// The 128-bit lane with first half L and second half H is L * x^64 + H; over `bits` bits both move.
template <int64_t bits>
inline constexpr uint64_t kFoldFirst = fold_constant(bits + 64);
template <int64_t bits>
inline constexpr uint64_t kFoldSecond = fold_constant(bits);

// "Shifts" move a CRC over zero words of 8 bytes. With the crc32 instruction,
// crc32(0, clmul(a, b)) = a * b * x^33, so the shift over w words is kept as x^(64 w - 33): the
// product of two shifts is again a shift, and a CRC times a shift is that CRC moved.
inline constexpr size_t kShiftDigits = 4;                          // of 4 bits each
inline constexpr size_t kShiftWordsMax = (1u << (4 * kShiftDigits)) - 1;

using ShiftTable = std::array<std::array<uint32_t, 16>, kShiftDigits>;

constexpr ShiftTable make_shift_table() {
  ShiftTable table{};
  for (size_t digit = 0; digit < kShiftDigits; digit += 1) {
    for (size_t value = 0; value < 16; value += 1) {
      const int64_t words = static_cast<int64_t>(value << (4 * digit));
      table[digit][value] = power_of_x(64 * words - 33);
    }
  }
  return table;
}

inline constexpr ShiftTable kShiftTable = make_shift_table();

// table[k][b] is the CRC of byte b followed by k zero bytes.
using SlicingTable = std::array<std::array<uint32_t, 256>, 16>;

constexpr SlicingTable make_slicing_table() {
  SlicingTable table{};
  for (uint32_t byte = 0; byte < 256; byte += 1) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit += 1) crc = times_x(crc);
    table[0][byte] = crc;
  }
  for (size_t k = 1; k < 16; k += 1) {
    for (size_t byte = 0; byte < 256; byte += 1) {
      const uint32_t previous = table[k - 1][byte];
      table[k][byte] = (previous >> 8) ^ table[0][previous & 255];
    }
  }
  return table;
}

}  // namespace themis::kernel
