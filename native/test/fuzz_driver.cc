// Stands in for libFuzzer where the compiler has none: random inputs from a seed.
//   kernel_fuzz [runs] [seed]
// A failure is repeated by the seed that it prints last.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "naive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  const unsigned long runs = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20000;
  const unsigned long seed = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
  std::printf("kernel_fuzz: %lu runs from seed %lu\n", runs, seed);
  std::fflush(stdout);
  themis::test::Random random(static_cast<uint32_t>(seed));
  for (unsigned long run = 0; run < runs; run += 1) {
    // Mostly short; now and then long enough for every path.
    const uint32_t kind = random.next() % 64;
    const size_t length = random.next() % (kind == 0 ? 20000 : kind < 8 ? 2000 : 300);
    std::vector<uint8_t> input(length);
    random.fill(input.data(), length);
    LLVMFuzzerTestOneInput(input.data(), length);
  }
  std::printf("kernel_fuzz: ok\n");
  return 0;
}
