// CRC32C in plain C++, slicing by 16: sixteen table lookups per sixteen bytes, none waiting for
// another. Runs on every CPU and is correct in either byte order.
#include "crc32c_polynomial.h"
#include "kernel.h"

namespace themis::kernel {

namespace {

alignas(64) constexpr SlicingTable kTable = make_slicing_table();

// Four bytes, the first in the lowest bits. Compilers make one load of it.
inline uint32_t load_u32(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 |
         static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

// The four bytes of `word`, followed by `zeros` zero bytes.
inline uint32_t slice(uint32_t word, size_t zeros) {
  return kTable[zeros + 3][word & 255] ^ kTable[zeros + 2][(word >> 8) & 255] ^
         kTable[zeros + 1][(word >> 16) & 255] ^ kTable[zeros][word >> 24];
}

}  // namespace

uint32_t crc32c_scalar(const uint8_t* bytes, size_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  for (; length >= 16; length -= 16, bytes += 16) {
    crc = slice(load_u32(bytes) ^ crc, 12) ^ slice(load_u32(bytes + 4), 8) ^
          slice(load_u32(bytes + 8), 4) ^ slice(load_u32(bytes + 12), 0);
  }
  for (; length >= 4; length -= 4, bytes += 4) crc = slice(load_u32(bytes) ^ crc, 0);
  for (; length > 0; length -= 1, bytes += 1) crc = (crc >> 8) ^ kTable[0][(crc ^ *bytes) & 255];
  return ~crc;
}

}  // namespace themis::kernel
