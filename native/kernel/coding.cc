// Cuts calls into passes. A matrix that one pass can take is one pass over whole shards. A larger
// one is done block by block, so that the sources of a block are still in the first cache when the
// next rows read them, and sums of more columns than a pass takes wait in a buffer on the stack.
#include "coding.h"

#include <algorithm>

#include "coding_build.h"

namespace themis::kernel {

namespace {

constexpr size_t kLine = 64;
constexpr size_t kBlockMax = 4096;
constexpr size_t kBlockMin = 512;
constexpr size_t kBlocksBytes = 24 * 1024;  // of all shards: most of a first cache

// Stripes beyond this are not in a cache that one core has for itself.
constexpr size_t kCachedBytesMax = 2 * 1024 * 1024;

// What is read from memory is asked for ahead. Measured on Zen 4: it is best fetched into the first
// cache, just ahead of its use. Only many sources beside streamed targets, which occupy the same
// miss buffers, gain: a tenth to a quarter, from the deeper queue of the second cache.
constexpr size_t kNarrowSourcesMax = 9;
constexpr Prefetch kNoPrefetch = {0, Cache::kFirst};
constexpr Prefetch kNarrow = {128, Cache::kFirst};
constexpr Prefetch kWide = {1536, Cache::kSecond};

Prefetch prefetch_for(const CodingPlan& plan, Sink sink) {
  if (sink != Sink::kStream) return kNarrow;
  return plan.sources().size() <= kNarrowSourcesMax ? kNarrow : kWide;
}

// Checksums are made chunk by chunk, while a chunk is in a cache. In cache the time of starting a
// checksum counts, and larger chunks are better; from memory smaller ones are, of which the second
// cache holds the present and the next.
constexpr size_t kCachedChunk = 8192;
constexpr size_t kStreamedChunk = 2048;
// Of streamed targets the checksum is made from copies of a chunk.
constexpr size_t kCopiedTargetsMax = 8;

size_t distance_to_line(const void* address) {
  return static_cast<size_t>(-reinterpret_cast<uintptr_t>(address)) & (kLine - 1);
}

// `count` in as few groups of at most `max` as possible, all about as large.
std::vector<CodingPlan::Group> groups_of(size_t count, size_t max) {
  const size_t groups = (count + max - 1) / max;
  std::vector<CodingPlan::Group> list;
  for (size_t first = 0, i = 0; i < groups; i += 1) {
    const size_t size = (count - first + groups - i - 1) / (groups - i);
    list.push_back({first, size});
    first += size;
  }
  return list;
}

// The shards of a plan in memory.
struct Shards {
  const uint8_t* sources[kShardsMax];
  uint8_t* targets[kShardsMax];
};

Shards locate(const CodingPlan& plan, const Stripe& stripe) {
  Shards shards;
  for (size_t i = 0; i < plan.sources().size(); i += 1) {
    shards.sources[i] = stripe.base + plan.sources()[i] * stripe.stride;
  }
  for (size_t i = 0; i < plan.targets().size(); i += 1) {
    shards.targets[i] = stripe.base + plan.targets()[i] * stripe.stride;
  }
  return shards;
}

struct Work {
  Sink sink;
  bool onto_targets;  // sums start from what the targets hold
  Prefetch prefetch;
  uint8_t* const* copies;  // of streamed targets, or null
};

bool is_one_pass(const CodingPlan& plan) {
  return plan.row_groups().size() == 1 && plan.column_groups().size() == 1;
}

// One group of rows over at most kBlockMax bytes, or over any number with one group of columns.
size_t run_rows(const CodingPlan& plan, size_t row_group, const uint8_t* const* sources,
                uint8_t* const* targets, size_t length, const Work& work) {
  const auto [first_row, rows] = plan.row_groups()[row_group];
  const RunPass run = plan.coder().passes[rows - 1];
  const size_t columns = plan.column_groups().size();
  alignas(kLine) uint8_t sums[kPassRowsMax][kBlockMax];
  uint8_t* sum_list[kPassRowsMax];
  const uint8_t* const_sum_list[kPassRowsMax];
  if (columns > 1) {
    for (size_t row = 0; row < rows; row += 1) const_sum_list[row] = sum_list[row] = sums[row];
  }
  size_t difference = kNoDifference;
  for (size_t group = 0; group < columns; group += 1) {
    const auto [first_column, count] = plan.column_groups()[group];
    const bool last = group + 1 == columns;
    const uint8_t* const* initial = nullptr;
    if (group > 0) {
      initial = const_sum_list;
    } else if (work.onto_targets) {
      initial = targets + first_row;
    }
    difference = run({sources + first_column, count, last ? targets + first_row : sum_list, initial,
                      plan.tables(row_group, group), length, last ? work.sink : Sink::kStore,
                      work.prefetch,
                      last && work.copies != nullptr ? work.copies + first_row : nullptr});
  }
  return difference;
}

// All rows over [begin, begin + length).
size_t run_range(const CodingPlan& plan, const Shards& shards, size_t begin, size_t length,
                 Work work) {
  const size_t source_count = plan.sources().size(), target_count = plan.targets().size();
  const size_t end = begin + length;
  size_t block = length;
  if (!is_one_pass(plan)) {
    block = kBlocksBytes / (source_count + target_count) / kBlockMin * kBlockMin;
    block = std::clamp(block, kBlockMin, kBlockMax);
  }
  Shards moved;
  uint8_t* moved_copies[kShardsMax];
  for (size_t at = begin; at < end; at += block) {
    const size_t size = std::min(block, end - at);
    for (size_t i = 0; i < source_count; i += 1) moved.sources[i] = shards.sources[i] + at;
    for (size_t i = 0; i < target_count; i += 1) moved.targets[i] = shards.targets[i] + at;
    size_t lowest = kNoDifference;
    Work rows_work = work;
    if (work.copies != nullptr) {
      for (size_t i = 0; i < target_count; i += 1) moved_copies[i] = work.copies[i] + (at - begin);
      rows_work.copies = moved_copies;
    }
    for (size_t group = 0; group < plan.row_groups().size(); group += 1) {
      const size_t difference =
          run_rows(plan, group, moved.sources, moved.targets, size, rows_work);
      lowest = std::min(lowest, difference);
      rows_work.prefetch = kNoPrefetch;
    }
    if (lowest != kNoDifference) return at + lowest;
  }
  return kNoDifference;
}

// Where the shards are aligned alike, the bytes before their first whole line are a range of their
// own: vectors then never straddle lines, and may be streamed.
size_t run_stripe(const CodingPlan& plan, const Stripe& stripe, Work work) {
  const Shards shards = locate(plan, stripe);
  const bool alike = stripe.stride % kLine == 0;
  const size_t head = alike ? std::min(distance_to_line(stripe.base), stripe.length) : 0;
  if (!alike && work.sink == Sink::kStream) work.sink = Sink::kStore;
  if (head > 0) {
    const Sink sink = work.sink == Sink::kStream ? Sink::kStore : work.sink;
    const Work first = {sink, work.onto_targets, kNoPrefetch, nullptr};
    const size_t difference = run_range(plan, shards, 0, head, first);
    if (difference != kNoDifference) return difference;
  }
  const size_t difference = run_range(plan, shards, head, stripe.length - head, work);
  if (work.sink == Sink::kStream) plan.coder().fence();
  return difference;
}

}  // namespace

bool is_matrix(const Matrix& matrix) {
  const size_t rows = matrix.targets.size(), columns = matrix.sources.size();
  if (rows == 0 || columns == 0 || rows + columns > kShardsMax) return false;
  if (matrix.coefficients.size() != rows * columns) return false;
  bool named[kShardsMax] = {};
  for (const std::vector<uint8_t>* list : {&matrix.sources, &matrix.targets}) {
    for (const uint8_t shard : *list) {
      if (named[shard]) return false;
      named[shard] = true;
    }
  }
  return true;
}

CodingPlan::CodingPlan(const Coder& coder, const Matrix& matrix)
    : coder_(&coder),
      sources_(matrix.sources),
      targets_(matrix.targets),
      row_groups_(groups_of(matrix.targets.size(), coder.rows_max)),
      column_groups_(groups_of(matrix.sources.size(), kPassSourcesMax)),
      highest_shard_(std::max(*std::max_element(sources_.begin(), sources_.end()),
                              *std::max_element(targets_.begin(), targets_.end()))) {
  // A lookup of eight bytes in the last table of the scalar coder may end seven bytes behind it.
  constexpr size_t padding = 8;
  tables_.resize(matrix.coefficients.size() * coder.coefficient_bytes + padding);
  uint8_t* table = tables_.data();
  for (const Group& rows : row_groups_) {
    for (const Group& columns : column_groups_) {
      table_offsets_.push_back(static_cast<size_t>(table - tables_.data()));
      for (size_t column = columns.first; column < columns.first + columns.count; column += 1) {
        uint8_t coefficients[kPassRowsMax];
        for (size_t row = 0; row < rows.count; row += 1) {
          coefficients[row] = matrix.coefficients[(rows.first + row) * sources_.size() + column];
        }
        coder.expand(coefficients, rows.count, table);
        table += rows.count * coder.coefficient_bytes;
      }
    }
  }
}

const uint8_t* CodingPlan::tables(size_t row_group, size_t column_group) const {
  return tables_.data() + table_offsets_[row_group * column_groups_.size() + column_group];
}

void multiply(const CodingPlan& plan, const Stripe& stripe, bool streaming) {
  const Sink sink = streaming ? Sink::kStream : Sink::kStore;
  const Prefetch prefetch = streaming ? prefetch_for(plan, sink) : kNoPrefetch;
  run_stripe(plan, stripe, {sink, false, prefetch, nullptr});
}

void multiply_add(const CodingPlan& plan, const Stripe& stripe) {
  run_stripe(plan, stripe, {Sink::kStore, true, kNoPrefetch, nullptr});
}

size_t verify(const CodingPlan& plan, const Stripe& stripe) {
  const size_t bytes = (plan.sources().size() + plan.targets().size()) * stripe.length;
  const Prefetch prefetch =
      bytes > kCachedBytesMax ? prefetch_for(plan, Sink::kCompare) : kNoPrefetch;
  return run_stripe(plan, stripe, {Sink::kCompare, false, prefetch, nullptr});
}

namespace {

// The chunks of a call of multiply_checksums. They are streamed only where every chunk starts with
// a line.
class ChecksumPass {
 public:
  ChecksumPass(const CodingPlan& plan, const Stripe& stripe, bool streaming, size_t block)
      : plan_(plan),
        shards_(locate(plan, stripe)),
        length_(stripe.length),
        source_count_(plan.sources().size()),
        target_count_(plan.targets().size()),
        from_memory_(streaming),
        streamed_(streaming && target_count_ <= kCopiedTargetsMax &&
                  stripe.stride % kLine == 0 && block % kLine == 0 &&
                  distance_to_line(stripe.base) == 0) {
    for (size_t i = 0; streamed_ && i < target_count_; i += 1) copy_list_[i] = copies_[i];
  }

  size_t chunk() const { return from_memory_ ? kStreamedChunk : kCachedChunk; }

  // Codes [begin, begin + size), size <= chunk(), and continues the checksums over it. The next
  // chunk is asked for meanwhile: its first half while the vector units code, its second while
  // they, or the crc32 unit, make checksums; memory is then busy all the time.
  void run(size_t begin, size_t size, Crc32c crc32c, uint32_t* crcs) {
    const size_t next = begin + size;
    const size_t ahead = from_memory_ ? std::min(size, length_ - next) : 0;
    const size_t half = ahead / 2 / kHalfUnit * kHalfUnit;
    code(begin, half, {size, Cache::kSecond}, 0);
    code(begin + half, size - half, kNoPrefetch, half);
    for (size_t i = 0; i < source_count_; i += 1) {
      for (size_t line = half; line < ahead; line += kLine) {
        THEMIS_PREFETCH_SECOND(shards_.sources[i] + next + line);
      }
      crcs[i] = crc32c(shards_.sources[i] + begin, size, crcs[i]);
    }
    for (size_t i = 0; i < target_count_; i += 1) {
      uint32_t& crc = crcs[source_count_ + i];
      crc = crc32c(streamed_ ? copies_[i] : shards_.targets[i] + begin, size, crc);
    }
  }

  void finish() const {
    if (streamed_) plan_.coder().fence();
  }

 private:
  static constexpr size_t kHalfUnit = 256;

  // `done` bytes of the chunk are coded already.
  void code(size_t begin, size_t size, const Prefetch& prefetch, size_t done) {
    if (size == 0) return;
    if (!streamed_) {
      run_range(plan_, shards_, begin, size, {Sink::kStore, false, prefetch, nullptr});
      return;
    }
    uint8_t* copies[kCopiedTargetsMax];
    for (size_t i = 0; i < target_count_; i += 1) copies[i] = copy_list_[i] + done;
    run_range(plan_, shards_, begin, size, {Sink::kStream, false, prefetch, copies});
  }

  const CodingPlan& plan_;
  const Shards shards_;
  const size_t length_, source_count_, target_count_;
  const bool from_memory_, streamed_;
  uint8_t* copy_list_[kCopiedTargetsMax];
  // Not all at the same place of a page, where they would displace each other in the first cache.
  alignas(kLine) uint8_t copies_[kCopiedTargetsMax][kStreamedChunk + 2 * kLine];
};

}  // namespace

void multiply_checksums(const CodingPlan& plan, const Stripe& stripe, bool streaming, size_t block,
                        Crc32c crc32c, uint32_t* results) {
  const size_t shards = plan.sources().size() + plan.targets().size();
  const size_t blocks = stripe.length / block + (stripe.length % block == 0 ? 0 : 1);
  ChecksumPass pass(plan, stripe, streaming, block);
  uint32_t crcs[kShardsMax] = {};
  size_t at = 0;
  for (size_t b = 0; b < blocks; b += 1) {
    const size_t end = at + std::min(block, stripe.length - at);
    while (at < end) {
      const size_t size = std::min(pass.chunk(), end - at);
      pass.run(at, size, crc32c, crcs);
      at += size;
    }
    for (size_t i = 0; i < shards; i += 1) {
      results[i * blocks + b] = crcs[i];
      crcs[i] = 0;
    }
  }
  pass.finish();
}

}  // namespace themis::kernel
