// The matrices of the benchmark: a Cauchy code, and the loss of its first shards.
#pragma once

#include "../../native/kernel/coding.h"
#include "../../native/kernel/gf256.h"

namespace themis::bench {

using kernel::gf_multiply;
using kernel::Matrix;

inline uint8_t inverse(uint8_t a) {
  for (unsigned b = 1; b < 256; b += 1) {
    if (gf_multiply(a, static_cast<uint8_t>(b)) == 1) return static_cast<uint8_t>(b);
  }
  return 0;
}

// Row i of the Cauchy code is 1 / ((k + i) ^ j): ISA-L's gf_gen_cauchy1_matrix.
inline Matrix encoding(size_t k, size_t m) {
  Matrix matrix;
  for (size_t j = 0; j < k; j += 1) matrix.sources.push_back(static_cast<uint8_t>(j));
  for (size_t i = 0; i < m; i += 1) {
    matrix.targets.push_back(static_cast<uint8_t>(k + i));
    for (size_t j = 0; j < k; j += 1) {
      matrix.coefficients.push_back(inverse(static_cast<uint8_t>((k + i) ^ j)));
    }
  }
  return matrix;
}

// The first m data shards from the others and the parity: with P = A L + B S, L = A^-1 (P + B S).
inline Matrix decoding(size_t k, size_t m) {
  const Matrix code = encoding(k, m);
  std::vector<uint8_t> a(m * m), inverted(m * m);
  for (size_t i = 0; i < m; i += 1) {
    for (size_t j = 0; j < m; j += 1) a[i * m + j] = code.coefficients[i * k + j];
    inverted[i * m + i] = 1;
  }
  for (size_t i = 0; i < m; i += 1) {  // every minor of a Cauchy matrix is regular: no pivoting
    const uint8_t scale = inverse(a[i * m + i]);
    for (size_t j = 0; j < m; j += 1) {
      a[i * m + j] = gf_multiply(a[i * m + j], scale);
      inverted[i * m + j] = gf_multiply(inverted[i * m + j], scale);
    }
    for (size_t row = 0; row < m; row += 1) {
      const uint8_t factor = a[row * m + i];
      if (row == i || factor == 0) continue;
      for (size_t j = 0; j < m; j += 1) {
        a[row * m + j] ^= gf_multiply(factor, a[i * m + j]);
        inverted[row * m + j] ^= gf_multiply(factor, inverted[i * m + j]);
      }
    }
  }
  Matrix matrix;
  for (size_t j = m; j < k + m; j += 1) matrix.sources.push_back(static_cast<uint8_t>(j));
  for (size_t i = 0; i < m; i += 1) {
    matrix.targets.push_back(static_cast<uint8_t>(i));
    for (size_t j = m; j < k + m; j += 1) {
      uint8_t sum = 0;
      if (j >= k) sum = inverted[i * m + (j - k)];
      for (size_t p = 0; p < m && j < k; p += 1) {
        sum ^= gf_multiply(inverted[i * m + p], code.coefficients[p * k + j]);
      }
      matrix.coefficients.push_back(sum);
    }
  }
  return matrix;
}

}  // namespace themis::bench
