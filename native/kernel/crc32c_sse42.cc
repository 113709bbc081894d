// CRC32C with SSE4.2 and PCLMULQDQ: the crc32 instruction on three streams, joined by carry-less
// multiplication. Eight bytes per cycle, the limit of the instruction.
#include "kernel.h"

#if defined(__x86_64__) || defined(_M_X64)

#include "crc32c_x86.h"

namespace themis::kernel {

THEMIS_SSE42 uint32_t crc32c_sse42(const uint8_t* bytes, size_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  while (length >= x86::kThreeStreamsBytesMin) {
    size_t words = length / 24;
    if (words > kShiftWordsMax) words = kShiftWordsMax;
    crc = x86::three_streams(bytes, words, crc);
    bytes += 24 * words;
    length -= 24 * words;
  }
  return ~x86::serial(bytes, length, crc);
}

}  // namespace themis::kernel

#endif
