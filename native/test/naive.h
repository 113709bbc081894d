// The oracles: CRC32C bit by bit, from its definition in RFC 3720, and multiplication in GF(2^8)
// modulo x^8 + x^4 + x^3 + x^2 + 1. Only to be compared against.
#pragma once

#include <cstddef>
#include <cstdint>

namespace themis::test {

inline uint32_t naive_crc32c(const uint8_t* bytes, size_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  for (size_t i = 0; i < length; i += 1) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit += 1) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  return ~crc;
}

// The product of two polynomials, then its remainder.
inline uint8_t naive_gf_multiply(uint8_t a, uint8_t b) {
  unsigned product = 0;
  for (int bit = 0; bit < 8; bit += 1) product ^= ((b >> bit) & 1) != 0 ? unsigned{a} << bit : 0u;
  for (int bit = 14; bit >= 8; bit -= 1) {
    if (((product >> bit) & 1) != 0) product ^= 0x11Du << (bit - 8);
  }
  return static_cast<uint8_t>(product);
}

// A small deterministic generator (xorshift32); the same bytes in every run.
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed == 0 ? 1 : seed) {}
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  void fill(uint8_t* bytes, size_t length) {
    for (size_t i = 0; i < length; i += 1) bytes[i] = static_cast<uint8_t>(next() >> 11);
  }

 private:
  uint32_t state_;
};

}  // namespace themis::test
