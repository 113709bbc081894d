// Arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11D), the field of every bytewise
// Reed-Solomon code in use (Backblaze, klauspost, MinIO, ISA-L), and the two forms in which
// instruction sets multiply by a constant. Multiplication by a constant is linear over GF(2), so it
// is an 8x8 matrix of bits, and the sum of what it makes of the low and of the high nibble.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace themis::kernel {

constexpr uint8_t gf_multiply(uint8_t a, uint8_t b) {
  unsigned product = 0, factor = a;
  for (unsigned rest = b; rest != 0; rest >>= 1) {
    if ((rest & 1) != 0) product ^= factor;
    factor = (factor << 1) ^ ((factor & 0x80) != 0 ? 0x11Du : 0u);
  }
  return static_cast<uint8_t>(product);
}

// The matrix of y = coefficient * x as gf2p8affineqb takes it: bit i of y is the parity of byte
// 7 - i of the matrix AND x (Intel's Software Developer's Manual, volume 2).
constexpr uint64_t gf_affine_matrix(uint8_t coefficient) {
  uint64_t matrix = 0;
  for (int column = 0; column < 8; column += 1) {
    const uint64_t image = gf_multiply(coefficient, static_cast<uint8_t>(1u << column));
    for (int row = 0; row < 8; row += 1) {
      matrix |= ((image >> row) & 1) << (8 * (7 - row) + column);
    }
  }
  return matrix;
}

constexpr std::array<uint64_t, 256> make_affine_matrices() {
  std::array<uint64_t, 256> matrices{};
  for (size_t c = 0; c < 256; c += 1) matrices[c] = gf_affine_matrix(static_cast<uint8_t>(c));
  return matrices;
}

inline constexpr std::array<uint64_t, 256> kAffineMatrices = make_affine_matrices();

// | coefficient * 0x00 ... 0x0F | coefficient * 0x00, 0x10 ... 0xF0 |
using NibbleTable = std::array<uint8_t, 32>;

constexpr std::array<NibbleTable, 256> make_nibble_tables() {
  std::array<NibbleTable, 256> tables{};
  for (size_t c = 0; c < 256; c += 1) {
    for (size_t x = 0; x < 16; x += 1) {
      const uint8_t coefficient = static_cast<uint8_t>(c);
      tables[c][x] = gf_multiply(coefficient, static_cast<uint8_t>(x));
      tables[c][16 + x] = gf_multiply(coefficient, static_cast<uint8_t>(x << 4));
    }
  }
  return tables;
}

inline constexpr std::array<NibbleTable, 256> kNibbleTables = make_nibble_tables();

}  // namespace themis::kernel
