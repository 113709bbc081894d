// Coding in plain C++, for every CPU and either byte order. The table of a source holds, for each
// value of a byte, its products with all rows side by side: one lookup serves up to eight rows.
// Eight sums, of eight neighbouring bytes, are eight rows of bytes after a transposition.
#include "coding_build.h"

namespace themis::kernel {

namespace {

constexpr size_t kStep = 8;
constexpr size_t kTableBytes = 256;  // of one coefficient

// | value 0: row 0, row 1, ... | value 1: row 0, row 1, ... | ...
void expand(const uint8_t* coefficients, size_t rows, uint8_t* tables) {
  for (size_t row = 0; row < rows; row += 1) {
    for (size_t value = 0; value < 256; value += 1) {
      const NibbleTable& products = kNibbleTables[coefficients[row]];
      tables[value * rows + row] =
          static_cast<uint8_t>(products[value & 15] ^ products[16 + (value >> 4)]);
    }
  }
}

// The products of all rows; the table is followed by what makes eight bytes of its last entry.
template <size_t Rows>
inline uint64_t products(const uint8_t* table, uint8_t value) {
  uint64_t word = 0;
  std::memcpy(&word, table + value * Rows, kStep);
  return word;
}

template <size_t Rows>
inline void step(const CodingPass& pass, size_t at, uint8_t (&rows)[Rows][kStep]) {
  uint64_t sums[kStep] = {};
  for (size_t i = 0; i < pass.source_count; i += 1) {
    const uint8_t* source = pass.sources[i] + at;
    const uint8_t* table = pass.tables + i * Rows * kTableBytes;
    for (size_t byte = 0; byte < kStep; byte += 1) {
      sums[byte] ^= products<Rows>(table, source[byte]);
    }
  }
  uint8_t bytes[kStep][8];
  std::memcpy(bytes, sums, sizeof bytes);
  for (size_t row = 0; row < Rows; row += 1) {
    for (size_t byte = 0; byte < kStep; byte += 1) rows[row][byte] = bytes[byte][row];
  }
}

// At most a step; `length` bytes of it count.
template <size_t Rows>
inline size_t finish(const CodingPass& pass, size_t at, size_t length,
                     const uint8_t (&rows)[Rows][kStep]) {
  size_t lowest = kNoDifference;
  for (size_t row = 0; row < Rows; row += 1) {
    uint8_t* target = pass.targets[row] + at;
    for (size_t byte = 0; byte < length; byte += 1) {
      const uint8_t start = pass.initial == nullptr ? uint8_t{0} : pass.initial[row][at + byte];
      const uint8_t sum = static_cast<uint8_t>(rows[row][byte] ^ start);
      if (pass.sink != Sink::kCompare) {
        target[byte] = sum;
        if (pass.copies != nullptr) pass.copies[row][at + byte] = sum;
      } else if (target[byte] != sum && at + byte < lowest) {
        lowest = at + byte;
      }
    }
  }
  return lowest;
}

template <size_t Rows>
size_t run(const CodingPass& pass) {
  uint8_t rows[Rows][kStep];
  size_t at = 0;
  for (; pass.length - at >= kStep; at += kStep) {
    step<Rows>(pass, at, rows);
    const size_t difference = finish<Rows>(pass, at, kStep, rows);
    if (difference != kNoDifference) return difference;
  }
  const size_t length = pass.length - at;
  if (length == 0) return kNoDifference;
  uint8_t copies[kPassSourcesMax][kStep] = {};
  const uint8_t* sources[kPassSourcesMax];
  for (size_t i = 0; i < pass.source_count; i += 1) {
    std::memcpy(copies[i], pass.sources[i] + at, length);
    sources[i] = copies[i];
  }
  CodingPass copied = pass;
  copied.sources = sources;
  step<Rows>(copied, 0, rows);
  return finish<Rows>(pass, at, length, rows);
}

constexpr RunPass kPasses[] = {run<1>, run<2>, run<3>, run<4>, run<5>, run<6>, run<7>, run<8>};

}  // namespace

const Coder kCoderScalar = {"scalar", 0, 8, kTableBytes, expand, kPasses, no_fence};

}  // namespace themis::kernel
