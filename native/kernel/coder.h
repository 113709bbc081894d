// Reed-Solomon coding: targets = coefficients * sources over GF(2^8), byte by byte. Encoding,
// rebuilding and updating are this one product with other matrices. Plain C++ without a Node
// header. One table of coders, best first; a coder is one instruction set. What differs between
// them is a single loop, the pass, and the form of a coefficient; cutting a call into passes, and
// checksums, are in coding.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu_features.h"

namespace themis::kernel {

inline constexpr size_t kPassSourcesMax = 20;  // each has a load instruction of its own
inline constexpr size_t kPassRowsMax = 8;
inline constexpr size_t kNoDifference = ~size_t{0};

enum class Sink {
  kStore,    // through the caches
  kStream,   // past them; targets must be aligned to 64 bytes
  kCompare,  // nothing is written
};

enum class Cache { kFirst, kSecond };

// How far ahead a pass asks for what it will read, in bytes (0: not), and into which cache.
struct Prefetch {
  size_t distance;
  Cache cache;
};

// One product of a few rows with a few sources, over `length` bytes of each.
struct CodingPass {
  const uint8_t* const* sources;
  size_t source_count;           // 1 to kPassSourcesMax
  uint8_t* const* targets;       // as many as the pass has rows
  const uint8_t* const* initial;  // per row, what the sum starts from; null: zero
  const uint8_t* tables;          // of source 0 row 0, source 0 row 1, ..., source 1 row 0, ...
  size_t length;
  Sink sink;
  Prefetch prefetch;
  uint8_t* const* copies;  // null, or where streamed sums are stored, too
};

// kNoDifference, or for kCompare the lowest position at which a target is not the sum.
using RunPass = size_t (*)(const CodingPass& pass);

struct Coder {
  const char* name;
  CpuFeatures required;
  size_t rows_max;           // of a pass
  size_t coefficient_bytes;  // of its table
  // Writes the tables of the coefficients that one source has in the `rows` rows of a pass.
  void (*expand)(const uint8_t* coefficients, size_t rows, uint8_t* tables);
  const RunPass* passes;  // [rows - 1]
  void (*fence)();        // makes streamed stores visible before what follows
};

struct CoderList {
  const Coder* const* first;
  size_t count;
  const Coder* const* begin() const { return first; }
  const Coder* const* end() const { return first + count; }
};

// Every coder compiled for this architecture, best first; the last one runs on every CPU.
CoderList coders();

extern const Coder kCoderScalar;
#if defined(__x86_64__) || defined(_M_X64)
extern const Coder kCoderGfni512, kCoderGfni256, kCoderAvx2, kCoderSsse3;
#elif defined(__aarch64__) || defined(_M_ARM64)
extern const Coder kCoderNeon;
#endif

}  // namespace themis::kernel
