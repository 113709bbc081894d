// Whole calls: a plan is a matrix in the form that a coder takes; a stripe is shards in memory.
// Shard i of a stripe lies at base + i * stride. Nothing outside the plan's shards is read, nothing
// outside its targets written, and other threads may change the bytes meanwhile: then the bytes
// written are unspecified, and nothing else is.
#pragma once

#include <vector>

#include "coder.h"
#include "kernel.h"

namespace themis::kernel {

inline constexpr size_t kShardsMax = 256;

struct Matrix {
  std::vector<uint8_t> coefficients;  // row-major: targets.size() rows, sources.size() columns
  std::vector<uint8_t> sources;       // shard numbers
  std::vector<uint8_t> targets;
};

// True when the shape is right and no shard is named twice.
bool is_matrix(const Matrix& matrix);

class CodingPlan {
 public:
  // `matrix` satisfies is_matrix.
  CodingPlan(const Coder& coder, const Matrix& matrix);

  const Coder& coder() const { return *coder_; }
  const std::vector<uint8_t>& sources() const { return sources_; }
  const std::vector<uint8_t>& targets() const { return targets_; }
  size_t highest_shard() const { return highest_shard_; }

  // Rows and columns are cut into groups that a pass can take.
  struct Group {
    size_t first, count;
  };
  const std::vector<Group>& row_groups() const { return row_groups_; }
  const std::vector<Group>& column_groups() const { return column_groups_; }
  const uint8_t* tables(size_t row_group, size_t column_group) const;

 private:
  const Coder* coder_;
  std::vector<uint8_t> sources_, targets_;
  std::vector<Group> row_groups_, column_groups_;
  std::vector<size_t> table_offsets_;
  std::vector<uint8_t> tables_;
  size_t highest_shard_;
};

struct Stripe {
  uint8_t* base;
  size_t stride;  // at least length
  size_t length;  // of each shard
};

// targets = coefficients * sources. `streaming` writes past the caches where the targets can be
// aligned to 64 bytes together, that is where the stride is a multiple of 64.
void multiply(const CodingPlan& plan, const Stripe& stripe, bool streaming);

// targets += coefficients * sources.
void multiply_add(const CodingPlan& plan, const Stripe& stripe);

// The lowest offset at which some target is not coefficients * sources, or kNoDifference.
size_t verify(const CodingPlan& plan, const Stripe& stripe);

// multiply, and the CRC32C from seed 0 of every `block` bytes of every source and target. With n
// blocks in a shard, results[j * n + b] is block b of shard j in the order sources, targets.
void multiply_checksums(const CodingPlan& plan, const Stripe& stripe, bool streaming, size_t block,
                        Crc32c crc32c, uint32_t* results);

}  // namespace themis::kernel
