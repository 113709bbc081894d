// Unit test of the coders: every one that this CPU can run against the oracle, for all small
// lengths at all alignments, between guard pages, regular and streamed; nothing outside the targets
// changes; one flipped bit is found wherever it is.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "../kernel/coding.h"
#include "../kernel/gf256.h"
#include "guarded.h"
#include "naive.h"

namespace {

using namespace themis::kernel;
using namespace themis::test;

int failures = 0;

void check(bool holds, const char* coder, const char* what, size_t a = 0, size_t b = 0,
           size_t c = 0) {
  if (holds) return;
  failures += 1;
  if (failures <= 20) std::printf("FAIL %s: %s (%zu, %zu, %zu)\n", coder, what, a, b, c);
}

Random random_source(2026);

struct Products {
  uint8_t of[256][256];
  Products() {
    for (unsigned a = 0; a < 256; a += 1) {
      for (unsigned b = 0; b < 256; b += 1) {
        of[a][b] = naive_gf_multiply(static_cast<uint8_t>(a), static_cast<uint8_t>(b));
      }
    }
  }
};
const Products products;

// The field and both forms of a coefficient, exhaustively.
void field() {
  for (unsigned a = 0; a < 256; a += 1) {
    for (unsigned b = 0; b < 256; b += 1) {
      const uint8_t wanted = products.of[a][b];
      check(gf_multiply(static_cast<uint8_t>(a), static_cast<uint8_t>(b)) == wanted, "field",
            "product", a, b);
      const NibbleTable& nibbles = kNibbleTables[a];
      check((nibbles[b & 15] ^ nibbles[16 + (b >> 4)]) == wanted, "field", "nibbles", a, b);
      unsigned image = 0;
      for (int bit = 0; bit < 8; bit += 1) {
        uint64_t row = (kAffineMatrices[a] >> (8 * (7 - bit))) & b;
        for (; row != 0; row &= row - 1) image ^= 1u << bit;
      }
      check(image == wanted, "field", "affine matrix", a, b);
    }
  }
}

// Shards numbered in any order. Coefficients are not zero, so that every byte counts.
Matrix random_matrix(size_t columns, size_t rows, size_t spare) {
  std::vector<uint8_t> shards(std::min(columns + rows + spare, kShardsMax));
  std::iota(shards.begin(), shards.end(), uint8_t{0});
  for (size_t i = shards.size(); i > 1; i -= 1) {
    std::swap(shards[i - 1], shards[random_source.next() % i]);
  }
  Matrix matrix;
  const auto middle = shards.begin() + static_cast<ptrdiff_t>(columns);
  matrix.sources.assign(shards.begin(), middle);
  matrix.targets.assign(middle, middle + static_cast<ptrdiff_t>(rows));
  for (size_t i = 0; i < columns * rows; i += 1) {
    matrix.coefficients.push_back(static_cast<uint8_t>(1 + random_source.next() % 255));
  }
  return matrix;
}

// A matrix with the plan of every coder.
struct Subject {
  Matrix matrix;
  std::vector<std::unique_ptr<CodingPlan>> plans;

  explicit Subject(Matrix m) : matrix(std::move(m)) {
    const CpuFeatures features = detect_cpu_features();
    for (const Coder* coder : coders()) {
      if ((coder->required & ~features) != 0) continue;
      plans.push_back(std::make_unique<CodingPlan>(*coder, matrix));
    }
  }
};

// targets = (onto ? targets : 0) + coefficients * sources, in a copy of the stripe.
void naive_multiply(const Matrix& matrix, const Stripe& stripe, bool onto) {
  for (size_t row = 0; row < matrix.targets.size(); row += 1) {
    uint8_t* target = stripe.base + matrix.targets[row] * stripe.stride;
    if (!onto) std::fill_n(target, stripe.length, uint8_t{0});
    for (size_t column = 0; column < matrix.sources.size(); column += 1) {
      const uint8_t c = matrix.coefficients[row * matrix.sources.size() + column];
      const uint8_t* source = stripe.base + matrix.sources[column] * stripe.stride;
      for (size_t i = 0; i < stripe.length; i += 1) target[i] ^= products.of[c][source[i]];
    }
  }
}

size_t whole_lines(size_t length) { return (length + 63) / 64 * 64; }

void checksums(const CodingPlan& plan, const Stripe& stripe, bool streaming, const char* name) {
  size_t block = 1 + random_source.next() % (2 * stripe.length + 64);
  if ((random_source.next() & 1) != 0) block = whole_lines(block);
  const size_t blocks = (stripe.length + block - 1) / block;
  std::vector<uint8_t> shards = plan.sources();
  shards.insert(shards.end(), plan.targets().begin(), plan.targets().end());
  std::vector<uint32_t> results(shards.size() * blocks + 1, 0xAAAAAAAAu);
  multiply_checksums(plan, stripe, streaming, block, crc32c_scalar, results.data());
  for (size_t j = 0; j < shards.size(); j += 1) {
    const uint8_t* bytes = stripe.base + shards[j] * stripe.stride;
    for (size_t b = 0; b < blocks; b += 1) {
      const size_t size = std::min(block, stripe.length - b * block);
      check(results[j * blocks + b] == crc32c_scalar(bytes + b * block, size, 0), name, "checksum",
            stripe.length, block, j);
    }
  }
  check(results.back() == 0xAAAAAAAAu, name, "one checksum too many", stripe.length, block);
}

// One flipped bit in any shard is reported at its place; of two, the lower.
void flipped_bits(const CodingPlan& plan, const Stripe& stripe, const char* name) {
  std::vector<uint8_t> shards = plan.sources();
  shards.insert(shards.end(), plan.targets().begin(), plan.targets().end());
  const auto place = [&] { return random_source.next() % stripe.length; };
  const auto byte = [&](size_t at) -> uint8_t& {
    return stripe.base[shards[random_source.next() % shards.size()] * stripe.stride + at];
  };
  const size_t first = place(), second = place();
  const uint8_t bit = static_cast<uint8_t>(1u << (random_source.next() & 7));
  uint8_t& one = byte(first);
  one ^= bit;
  check(verify(plan, stripe) == first, name, "flipped bit", stripe.length, first);
  if (second != first) {
    uint8_t& other = byte(second);
    other ^= bit;
    check(verify(plan, stripe) == std::min(first, second), name, "two flipped bits", stripe.length,
          first, second);
    other ^= bit;
  }
  one ^= bit;
}

// Everything, on a stripe that touches the start of the area plus `offset` or its end minus that.
void everything(const Subject& subject, const Guarded& area, size_t offset, size_t length,
                size_t stride, bool low) {
  const Matrix& matrix = subject.matrix;
  const size_t highest = subject.plans[0]->highest_shard();
  const size_t span = highest * stride + length;
  uint8_t* base = low ? area.begin() + offset : area.end() - offset - span;
  uint8_t* around = std::max(area.begin(), base - std::min<size_t>(base - area.begin(), 128));
  const size_t size = std::min(span + 256, static_cast<size_t>(area.end() - around));
  const Stripe stripe = {base, stride, length};

  random_source.fill(around, size);
  const std::vector<uint8_t> original(around, around + size);
  std::vector<uint8_t> product = original, sum = original;
  naive_multiply(matrix, {product.data() + (base - around), stride, length}, false);
  naive_multiply(matrix, {sum.data() + (base - around), stride, length}, true);
  const auto restore = [&] { std::copy(original.begin(), original.end(), around); };
  const auto is = [&](const std::vector<uint8_t>& bytes) {
    return std::equal(bytes.begin(), bytes.end(), around);
  };

  for (const auto& plan : subject.plans) {
    const char* name = plan->coder().name;
    for (const bool streaming : {false, true}) {
      restore();
      multiply(*plan, stripe, streaming);
      check(is(product), name, streaming ? "streamed" : "multiply", length, offset, stride);
    }
    check(verify(*plan, stripe) == kNoDifference, name, "verify", length, offset, stride);
    if (length > 0) flipped_bits(*plan, stripe, name);
    check(is(product), name, "verify wrote", length, offset, stride);
    restore();
    multiply_add(*plan, stripe);
    check(is(sum), name, "multiply_add", length, offset, stride);
    for (const bool streaming : {false, true}) {
      restore();
      checksums(*plan, stripe, streaming, name);
      check(is(product), name, "multiply_checksums", length, offset, stride);
    }
  }
}

void small_lengths(const Guarded& area) {
  const size_t shapes[][2] = {{1, 1}, {2, 1}, {3, 2}, {4, 2}, {5, 3},  {6, 3}, {1, 4},
                              {8, 4}, {7, 5}, {2, 8}, {9, 1}, {20, 2}, {21, 3}};
  std::vector<Subject> subjects;
  for (const auto& [columns, rows] : shapes) {
    subjects.emplace_back(random_matrix(columns, rows, columns & 1));
  }
  for (size_t offset = 0; offset < 64; offset += 1) {
    for (size_t length = 0; length <= 600; length += 1) {
      const Subject& subject = subjects[(offset * 7 + length) % subjects.size()];
      // Shards side by side, with gaps, and aligned alike (which alone can be streamed).
      const size_t strides[] = {length, length + 1 + offset, whole_lines(length),
                                whole_lines(length) + 64};
      everything(subject, area, offset, length, strides[(offset + length / 3) & 3],
                 ((offset ^ length) & 1) != 0);
    }
  }
}

// Every number of sources and rows in a pass, and what needs several passes.
void shapes(const Guarded& area) {
  for (size_t columns = 1; columns <= 44; columns += 1) {
    for (size_t rows = 1; rows <= 9; rows += 1) {
      const Subject subject(random_matrix(columns, rows, 0));
      everything(subject, area, columns & 63, 259 + rows, whole_lines(259 + rows), true);
    }
  }
  const size_t large[][2] = {{255, 1}, {1, 255}, {128, 128}, {200, 56}, {100, 17}, {10, 12}};
  for (const auto& [columns, rows] : large) {
    const Subject subject(random_matrix(columns, rows, 0));
    for (const size_t length : {size_t{1}, size_t{700}, size_t{1337}}) {
      everything(subject, area, 3, length, whole_lines(length), (length & 1) != 0);
    }
  }
}

// Around the blocks into which large matrices and checksums are cut.
void large_lengths(const Guarded& area) {
  const size_t shapes[][2] = {{4, 2}, {17, 3}, {10, 6}, {24, 3}, {45, 10}};
  for (const auto& [columns, rows] : shapes) {
    const Subject subject(random_matrix(columns, rows, 0));
    for (const size_t middle : {1024u, 2048u, 4096u, 8192u, 20000u}) {
      for (const size_t length : {middle - 1, middle - 0, middle + 1, middle + 129}) {
        everything(subject, area, middle % 61, length, whole_lines(length), (length & 1) != 0);
      }
    }
  }
}

void matrices() {
  check(is_matrix({{7}, {0}, {1}}), "matrix", "smallest");
  check(is_matrix({{7, 7}, {255}, {1, 0}}), "matrix", "two rows");
  check(!is_matrix({{}, {}, {1}}), "matrix", "no source");
  check(!is_matrix({{}, {1}, {}}), "matrix", "no target");
  check(!is_matrix({{7, 7}, {0}, {1}}), "matrix", "one coefficient too many");
  check(!is_matrix({{}, {0}, {1}}), "matrix", "one too few");
  check(!is_matrix({{7}, {1}, {1}}), "matrix", "target is a source");
  check(!is_matrix({{7, 7}, {0}, {1, 1}}), "matrix", "target named twice");
  check(!is_matrix({{7, 7}, {0, 0}, {1}}), "matrix", "source named twice");
  std::vector<uint8_t> half(128), other(129);
  std::iota(half.begin(), half.end(), uint8_t{0});
  std::iota(other.begin(), other.end(), uint8_t{128});
  check(!is_matrix({std::vector<uint8_t>(128 * 129), half, other}), "matrix", "257 shards");
}

}  // namespace

int main() {
  field();
  matrices();
  const CpuFeatures features = detect_cpu_features();
  for (const Coder* coder : coders()) {
    const CpuFeatures missing = coder->required & ~features;
    if (missing == 0) {
      std::printf("coder %s: checked\n", coder->name);
    } else {
      std::printf("coder %s: not run, this CPU lacks %s\n", coder->name,
                  describe(missing).c_str());
    }
  }
  Guarded area(300);
  small_lengths(area);
  shapes(area);
  large_lengths(area);
  std::printf("%s\n", failures == 0 ? "coding_test: ok" : "coding_test: FAILED");
  return failures == 0 ? 0 : 1;
}
