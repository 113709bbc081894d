// Measures the erasure kernels in C++ against ISA-L, an XOR-only kernel with the same loads and
// stores, and a loop that only reads. One process, one core; contestants take turns within each
// round, so that a slow moment of the machine meets all of them. Bytes are random, never zeros:
// caches and memory are faster on zeros.
//
//   kernels <rounds> <milliseconds per sample> <MiB of stripes for cold> [operation ...]
//   operations: encode decode verify checksums tiers threads kernel
//
// Compiled on the spot with the sources of native/kernel. A line of JSON for each figure:
//   {"operation":"encode","data":10,"parity":4,"shardBytes":65536,"state":"warm",
//    "contestant":"themis gfni512","bytesPerCall":655360,"samples":[GB/s ...]}
// Shards are contiguous in 4 KiB pages. warm: one stripe again and again. cold: round robin over
// many times what the caches hold, targets streamed past the caches where the contestant can.
#include <sys/mman.h>
#include <time.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bounds.h"
#include "matrices.h"

#if !defined(THEMIS_WITHOUT_ISAL)
#include <isa-l.h>
extern "C" void ec_encode_data_avx512(int len, int k, int rows, unsigned char* tables,
                                      unsigned char** data, unsigned char** coding);
#endif

namespace {

using namespace themis::bench;
using namespace themis::kernel;

constexpr size_t kKiB = 1024, kMiB = 1024 * kKiB;

double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Cell {
  size_t k, m, shard;
  bool cold;
};

struct Contestant {
  std::string name;
  std::function<void(uint8_t* stripe)> run;
};

size_t rounds, cold_bytes;
double sample_seconds;
uint8_t* arena;
size_t arena_bytes;

void report(const char* operation, const Cell& cell, const std::string& name, size_t bytes,
            const std::vector<double>& samples) {
  std::printf("{\"operation\":\"%s\",\"data\":%zu,\"parity\":%zu,\"shardBytes\":%zu,", operation,
              cell.k, cell.m, cell.shard);
  std::printf("\"state\":\"%s\",\"contestant\":\"%s\",\"bytesPerCall\":%zu,\"samples\":[",
              cell.cold ? "cold" : "warm", name.c_str(), bytes);
  for (size_t i = 0; i < samples.size(); i += 1) {
    std::printf(i == 0 ? "%.3f" : ",%.3f", samples[i]);
  }
  std::printf("]}\n");
  std::fflush(stdout);
}

// Every contestant once a round; figures are in `bytes` for each call.
void compare(const char* operation, const Cell& cell, size_t bytes,
             const std::vector<Contestant>& contestants) {
  const size_t stripe_bytes = (cell.k + cell.m) * cell.shard;
  size_t stripes = 1;
  while (cell.cold && stripes * stripe_bytes < cold_bytes) stripes += 1;
  while (stripes * stripe_bytes > arena_bytes) stripes -= 1;
  std::vector<std::vector<double>> samples(contestants.size());
  size_t next = 0;
  const auto calls = [&](const Contestant& contestant, double seconds) {
    size_t count = 0;
    const double start = now();
    double end = start;
    while (end - start < seconds) {
      for (size_t i = 0; i < (cell.shard < kMiB ? 8 : 1); i += 1, count += 1) {
        contestant.run(arena + next * stripe_bytes);
        next = next + 1 == stripes ? 0 : next + 1;
      }
      end = now();
    }
    return static_cast<double>(count * bytes) / (end - start) / 1e9;
  };
  for (size_t round = 0; round < rounds; round += 1) {
    for (size_t i = 0; i < contestants.size(); i += 1) {
      const size_t turn = (i + round) % contestants.size();
      if (!cell.cold) calls(contestants[turn], sample_seconds / 10);
      samples[turn].push_back(calls(contestants[turn], sample_seconds));
    }
  }
  for (size_t i = 0; i < contestants.size(); i += 1) {
    report(operation, cell, contestants[i].name, bytes, samples[i]);
  }
}

Stripe stripe_at(uint8_t* base, const Cell& cell) { return {base, cell.shard, cell.shard}; }

Contestant themis_coder(const Coder& coder, const Matrix& matrix, const Cell& cell) {
  auto plan = std::make_shared<CodingPlan>(coder, matrix);
  return {std::string("themis ") + coder.name, [plan, cell](uint8_t* base) {
            multiply(*plan, stripe_at(base, cell), cell.cold);
          }};
}

#if !defined(THEMIS_WITHOUT_ISAL)
using IsalEncode = void (*)(int, int, int, unsigned char*, unsigned char**, unsigned char**);

struct IsalPlan {
  std::vector<unsigned char> tables;
  Matrix matrix;
  Cell cell;
  IsalEncode encode;

  IsalPlan(IsalEncode function, const Matrix& m, const Cell& c)
      : tables(32 * m.coefficients.size()), matrix(m), cell(c), encode(function) {
    ec_init_tables(static_cast<int>(m.sources.size()), static_cast<int>(m.targets.size()),
                   matrix.coefficients.data(), tables.data());
  }

  void run(uint8_t* base) {
    unsigned char *data[kShardsMax], *coding[kShardsMax];
    for (size_t i = 0; i < matrix.sources.size(); i += 1) {
      data[i] = base + matrix.sources[i] * cell.shard;
    }
    for (size_t i = 0; i < matrix.targets.size(); i += 1) {
      coding[i] = base + matrix.targets[i] * cell.shard;
    }
    encode(static_cast<int>(cell.shard), static_cast<int>(matrix.sources.size()),
           static_cast<int>(matrix.targets.size()), tables.data(), data, coding);
  }
};

Contestant isal_coder(const char* name, IsalEncode encode, const Matrix& matrix,
                      const Cell& cell) {
  auto plan = std::make_shared<IsalPlan>(encode, matrix, cell);
  return {name, [plan](uint8_t* base) { plan->run(base); }};
}
#endif

Contestant xor_bound(const Matrix& matrix, const Cell& cell) {
  return {"XOR only", [matrix, cell](uint8_t* base) {
            const uint8_t* sources[kShardsMax];
            uint8_t* targets[kShardsMax];
            for (size_t i = 0; i < matrix.sources.size(); i += 1) {
              sources[i] = base + matrix.sources[i] * cell.shard;
            }
            for (size_t i = 0; i < matrix.targets.size(); i += 1) {
              targets[i] = base + matrix.targets[i] * cell.shard;
            }
            kXorOnly[matrix.targets.size()](sources, matrix.sources.size(), targets,
                                                cell.shard, cell.cold);
          }};
}

// Asked once: in a virtual machine the answer takes longer than encoding.
const CpuFeatures features = detect_cpu_features();
const Crc32c crc32c = best_crc32c();

const Coder& best_coder() {
  for (const Coder* coder : coders()) {
    if ((coder->required & ~features) == 0) return *coder;
  }
  std::abort();
}

bool has_avx512() { return (features & kAvx512f) != 0; }

void code(const char* operation, const Matrix& matrix, const Cell& cell) {
  std::vector<Contestant> contestants = {themis_coder(best_coder(), matrix, cell)};
#if !defined(THEMIS_WITHOUT_ISAL)
  contestants.push_back(isal_coder("ISA-L", ec_encode_data, matrix, cell));
#endif
  if (has_avx512()) contestants.push_back(xor_bound(matrix, cell));
  compare(operation, cell, cell.k * cell.shard, contestants);
}

// For a comparison with calls from elsewhere.
void kernel(const Cell& cell) {
  compare("kernel", cell, cell.k * cell.shard,
          {themis_coder(best_coder(), encoding(cell.k, cell.m), cell)});
}

void check(const Cell& cell) {
  const size_t bytes = (cell.k + cell.m) * cell.shard;
  const Matrix matrix = encoding(cell.k, cell.m);
  auto plan = std::make_shared<CodingPlan>(best_coder(), matrix);
  for (size_t at = 0; at + bytes <= arena_bytes; at += bytes) {
    multiply(*plan, stripe_at(arena + at, cell), true);
  }
  std::vector<Contestant> contestants = {
      {std::string("themis ") + best_coder().name, [plan, cell](uint8_t* base) {
         if (verify(*plan, stripe_at(base, cell)) != kNoDifference) std::abort();
       }}};
  if (has_avx512()) {
    contestants.push_back(
        {"read in order", [bytes](uint8_t* base) { read_in_order(base, bytes); }});
    Matrix reading = matrix;
    for (const uint8_t target : matrix.targets) reading.sources.push_back(target);
    reading.targets.clear();
    contestants.push_back({"read only", xor_bound(reading, cell).run});
  }
  compare("verify", cell, bytes, contestants);
}

void checksums(const Cell& cell) {
  const size_t block = 64 * kKiB;
  const size_t shards = cell.k + cell.m;
  const Matrix matrix = encoding(cell.k, cell.m);
  auto plan = std::make_shared<CodingPlan>(best_coder(), matrix);
  auto results = std::make_shared<std::vector<uint32_t>>(shards * (cell.shard / block));
  std::vector<Contestant> contestants = {
      {std::string("themis ") + best_coder().name, [=](uint8_t* base) {
         multiply_checksums(*plan, stripe_at(base, cell), cell.cold, block, crc32c,
                            results->data());
       }}};
#if !defined(THEMIS_WITHOUT_ISAL)
  auto isal = std::make_shared<IsalPlan>(ec_encode_data, matrix, cell);
  contestants.push_back({"ISA-L, two passes", [=](uint8_t* base) {
                           isal->run(base);
                           for (size_t at = 0; at < shards * cell.shard; at += block) {
                             (*results)[at / block] = crc32_iscsi(base + at, block, 0xFFFFFFFFu);
                           }
                         }});
#endif
  compare("checksums", cell, cell.k * cell.shard, contestants);
}

// Every coder against ISA-L's function for the same instruction set. ISA-L before 2.31 has none
// with GFNI: those coders then meet the widest one that it has.
void instruction_sets(const Cell& cell) {
  const Matrix matrix = encoding(cell.k, cell.m);
  std::vector<Contestant> contestants;
  for (const Coder* coder : coders()) {
    if ((coder->required & ~features) == 0) {
      contestants.push_back(themis_coder(*coder, matrix, cell));
    }
  }
#if !defined(THEMIS_WITHOUT_ISAL)
  if (has_avx512()) {
    contestants.push_back(isal_coder("ISA-L avx512", ec_encode_data_avx512, matrix, cell));
  }
  contestants.push_back(isal_coder("ISA-L avx2", ec_encode_data_avx2, matrix, cell));
  contestants.push_back(isal_coder("ISA-L sse", ec_encode_data_sse, matrix, cell));
  contestants.push_back(isal_coder("ISA-L base", ec_encode_data_base, matrix, cell));
#endif
  compare("tiers", cell, cell.k * cell.shard, contestants);
}

// One thread, then two at once, each on a stripe of its own that stays in its cache.
void threads(const Cell& cell) {
  const Matrix matrix = encoding(cell.k, cell.m);
  const CodingPlan plan(best_coder(), matrix);
  const size_t stripe_bytes = (cell.k + cell.m) * cell.shard;
  const size_t bytes = cell.k * cell.shard;
  std::vector<double> one, two;
  for (size_t round = 0; round < rounds; round += 1) {
    for (const size_t count : {size_t{1}, size_t{2}}) {
      std::atomic<bool> stop{false};
      std::atomic<size_t> ready{0}, calls{0};
      std::vector<std::thread> workers;
      for (size_t i = 0; i < count; i += 1) {
        workers.emplace_back([&, i] {
          const Stripe stripe = stripe_at(arena + i * stripe_bytes, cell);
          for (size_t call = 0; call < 20; call += 1) multiply(plan, stripe, false);
          ready += 1;
          while (ready < count) {
          }
          size_t done = 0;
          while (!stop) {
            multiply(plan, stripe, false);
            done += 1;
          }
          calls += done;
        });
      }
      while (ready < count) std::this_thread::yield();
      const double start = now();
      timespec pause = {0, static_cast<long>(sample_seconds * 1e9)};
      nanosleep(&pause, nullptr);
      stop = true;
      for (std::thread& worker : workers) worker.join();
      (count == 1 ? one : two)
          .push_back(static_cast<double>(calls * bytes) / (now() - start) / 1e9);
    }
  }
  report("threads", cell, "themis, one thread", bytes, one);
  report("threads", cell, "themis, two threads", bytes, two);
}

void fill() {
  uint64_t state = 0x9E3779B97F4A7C15u;
  for (size_t at = 0; at < arena_bytes; at += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(arena + at, &state, 8);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "kernels <rounds> <milliseconds per sample> <MiB> [operation ...]\n");
    return 2;
  }
  rounds = std::strtoul(argv[1], nullptr, 10);
  sample_seconds = std::strtod(argv[2], nullptr) / 1000;
  cold_bytes = std::strtoul(argv[3], nullptr, 10) * kMiB;
  arena_bytes = cold_bytes + 32 * kMiB;
  void* mapped = mmap(nullptr, arena_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    std::perror("mmap");
    return 2;
  }
  madvise(mapped, arena_bytes, MADV_NOHUGEPAGE);
  arena = static_cast<uint8_t*>(mapped);
  fill();
  const auto wanted = [&](const char* operation) {
    for (int i = 4; i < argc; i += 1) {
      if (std::strcmp(argv[i], operation) == 0) return true;
    }
    return argc == 4;
  };
  const size_t shapes[][2] = {{4, 2}, {6, 3}, {8, 4}, {10, 4}, {17, 3}};
  for (const auto& [k, m] : shapes) {
    for (const size_t shard : {64 * kKiB, kMiB, 16 * kMiB}) {
      for (const bool cold : {false, true}) {
        if (!cold && shard > kMiB) continue;
        if ((k + m) * shard > arena_bytes) continue;
        const Cell cell = {k, m, shard, cold};
        if (wanted("encode")) code("encode", encoding(k, m), cell);
        if (wanted("decode")) code("decode", decoding(k, m), cell);
        if (wanted("kernel") && (cold ? shard == kMiB : shard <= kMiB)) kernel(cell);
        if (wanted("checksums")) checksums(cell);
        if (wanted("verify")) check(cell);
        if (wanted("tiers") && shard == (cold ? kMiB : 64 * kKiB)) instruction_sets(cell);
      }
    }
  }
  if (wanted("threads")) threads({10, 4, 16 * kKiB, false});
  return 0;
}
