// The pass, written once. A file of one instruction set defines THEMIS_CODER_TARGET (the attribute
// of all its functions) and a struct Vectors, then includes this inside its anonymous namespace:
//
//   Vector, kBytes                    a register, and its bytes
//   kLanes                            how many registers of each source a step takes; from memory
//                                     it takes kColdLanes, for more would ask for too much at once
//   zero, load, store, stream         stream: past the caches, to an aligned address
//   Operand, prepare(Vector)          a source as multiplication takes it
//   Coefficient, kCoefficientBytes, coefficient(tables)
//   add(sum, coefficient, operand), add_two(...)      sum + product, sum + two products
//   differs(Vector, Vector)
//
// Every source has a load instruction of its own:
// hardware prefetchers know a stream by the address of the instruction that reads it, and one
// instruction that takes turns among ten sources looks like no stream at all. Unrolling for each
// number of sources would give that at the price of twenty loops; here one sequence of ten pairs is
// entered where the number of pairs says, by a jump that always goes the same way in a call.

inline constexpr size_t kColdLanes = 2;

template <size_t Lanes>
inline constexpr size_t kStep = Lanes * Vectors::kBytes;

template <size_t Rows, size_t Lanes>
struct Sums {
  Vectors::Vector row[Rows][Lanes];
};

template <size_t Rows, size_t Lanes>
THEMIS_CODER_INLINE void add_one(Sums<Rows, Lanes>& sums, const uint8_t* source,
                                 const uint8_t* tables) {
  Vectors::Operand operands[Lanes];
  THEMIS_UNROLL
  for (size_t lane = 0; lane < Lanes; lane += 1) {
    operands[lane] = Vectors::prepare(Vectors::load(source + lane * Vectors::kBytes));
  }
  THEMIS_UNROLL
  for (size_t row = 0; row < Rows; row += 1) {
    const auto c = Vectors::coefficient(tables + row * Vectors::kCoefficientBytes);
    THEMIS_UNROLL
    for (size_t lane = 0; lane < Lanes; lane += 1) {
      sums.row[row][lane] = Vectors::add(sums.row[row][lane], c, operands[lane]);
    }
  }
}

template <size_t Rows, size_t Lanes>
THEMIS_CODER_INLINE void add_two(Sums<Rows, Lanes>& sums, const uint8_t* first,
                                 const uint8_t* second, const uint8_t* tables) {
  Vectors::Operand a[Lanes], b[Lanes];
  THEMIS_UNROLL
  for (size_t lane = 0; lane < Lanes; lane += 1) {
    a[lane] = Vectors::prepare(Vectors::load(first + lane * Vectors::kBytes));
    b[lane] = Vectors::prepare(Vectors::load(second + lane * Vectors::kBytes));
  }
  THEMIS_UNROLL
  for (size_t row = 0; row < Rows; row += 1) {
    const auto c = Vectors::coefficient(tables + row * Vectors::kCoefficientBytes);
    const auto d = Vectors::coefficient(tables + (Rows + row) * Vectors::kCoefficientBytes);
    THEMIS_UNROLL
    for (size_t lane = 0; lane < Lanes; lane += 1) {
      sums.row[row][lane] = Vectors::add_two(sums.row[row][lane], c, a[lane], d, b[lane]);
    }
  }
}

// Asks for one step of the shards in `list`. A macro, since gcc takes a function that only
// prefetches for one without effects, and removes its calls.
#define THEMIS_PREFETCH_STEP(list, count)                                     \
  for (size_t shard = 0; shard < (count); shard += 1) {                       \
    const uint8_t* ahead = (list)[shard] + at + pass.prefetch.distance;       \
    for (size_t line = 0; line < kStep<Lanes>; line += 64) {                  \
      if (pass.prefetch.cache == Cache::kFirst) {                             \
        THEMIS_PREFETCH_FIRST(ahead + line);                                  \
      } else {                                                                \
        THEMIS_PREFETCH_SECOND(ahead + line);                                 \
      }                                                                       \
    }                                                                         \
  }

// All sources at position `at`, last pair first.
template <size_t Rows, size_t Lanes>
THEMIS_CODER_INLINE void add_all(Sums<Rows, Lanes>& sums, const CodingPass& pass, size_t at) {
  constexpr size_t column = Rows * Vectors::kCoefficientBytes;
  const uint8_t* const* sources = pass.sources;
  const uint8_t* tables = pass.tables;
  const size_t count = pass.source_count;
  if ((count & 1) != 0) {
    add_one<Rows, Lanes>(sums, sources[count - 1] + at, tables + (count - 1) * column);
  }
#define THEMIS_PAIR(pair)                                                              \
  case pair:                                                                           \
    add_two<Rows, Lanes>(sums, sources[2 * pair - 2] + at, sources[2 * pair - 1] + at, \
                         tables + (2 * pair - 2) * column);                            \
    [[fallthrough]];
  switch (count / 2) {
    THEMIS_PAIR(10)
    THEMIS_PAIR(9)
    THEMIS_PAIR(8)
    THEMIS_PAIR(7)
    THEMIS_PAIR(6)
    THEMIS_PAIR(5)
    THEMIS_PAIR(4)
    THEMIS_PAIR(3)
    THEMIS_PAIR(2)
    THEMIS_PAIR(1)
    default:
      break;
  }
#undef THEMIS_PAIR
}

template <size_t Rows, size_t Lanes>
THEMIS_CODER_INLINE void start(Sums<Rows, Lanes>& sums, const CodingPass& pass, size_t at) {
  THEMIS_UNROLL
  for (size_t row = 0; row < Rows; row += 1) {
    THEMIS_UNROLL
    for (size_t lane = 0; lane < Lanes; lane += 1) {
      sums.row[row][lane] = pass.initial == nullptr
                                ? Vectors::zero()
                                : Vectors::load(pass.initial[row] + at + lane * Vectors::kBytes);
    }
  }
}

// Where the sums first differ from the targets at `at`. They come as a copy: a reference to the
// sums of a loop would keep them in memory.
template <size_t Rows, size_t Lanes>
THEMIS_CODER_TARGET size_t first_difference(Sums<Rows, Lanes> sums, const CodingPass& pass,
                                            size_t at, size_t length) {
  alignas(64) uint8_t bytes[kStep<Lanes>];
  size_t lowest = kNoDifference;
  for (size_t row = 0; row < Rows; row += 1) {
    for (size_t lane = 0; lane < Lanes; lane += 1) {
      Vectors::store(bytes + lane * Vectors::kBytes, sums.row[row][lane]);
    }
    for (size_t i = 0; i < length && at + i < lowest; i += 1) {
      if (bytes[i] != pass.targets[row][at + i]) lowest = at + i;
    }
  }
  return lowest;
}

// The last bytes, fewer than a step: the same step on copies.
template <size_t Rows, size_t Lanes>
THEMIS_CODER_TARGET size_t tail(const CodingPass& pass, size_t at) {
  alignas(64) uint8_t sources[kPassSourcesMax][kStep<Lanes>];
  alignas(64) uint8_t targets[Rows][kStep<Lanes>];
  const uint8_t* source_list[kPassSourcesMax];
  const uint8_t* initial_list[Rows];
  const size_t length = pass.length - at;
  for (size_t i = 0; i < pass.source_count; i += 1) {
    std::memset(sources[i], 0, kStep<Lanes>);
    std::memcpy(sources[i], pass.sources[i] + at, length);
    source_list[i] = sources[i];
  }
  for (size_t row = 0; row < Rows; row += 1) {
    std::memset(targets[row], 0, kStep<Lanes>);
    if (pass.initial != nullptr) std::memcpy(targets[row], pass.initial[row] + at, length);
    initial_list[row] = targets[row];
  }
  CodingPass copied = pass;
  copied.sources = source_list;
  copied.initial = initial_list;
  Sums<Rows, Lanes> sums;
  start<Rows, Lanes>(sums, copied, 0);
  add_all<Rows, Lanes>(sums, copied, 0);
  if (pass.sink == Sink::kCompare) return first_difference<Rows, Lanes>(sums, pass, at, length);
  for (size_t row = 0; row < Rows; row += 1) {
    for (size_t lane = 0; lane < Lanes; lane += 1) {
      Vectors::store(targets[row] + lane * Vectors::kBytes, sums.row[row][lane]);
    }
    std::memcpy(pass.targets[row] + at, targets[row], length);
    if (pass.copies != nullptr) std::memcpy(pass.copies[row] + at, targets[row], length);
  }
  return kNoDifference;
}

template <size_t Rows, size_t Lanes>
THEMIS_CODER_TARGET size_t run_lanes(const CodingPass& pass) {
  size_t at = 0;
  for (; pass.length - at >= kStep<Lanes>; at += kStep<Lanes>) {
    if (pass.prefetch.distance != 0) {
      THEMIS_PREFETCH_STEP(pass.sources, pass.source_count)
      if (pass.sink == Sink::kCompare) THEMIS_PREFETCH_STEP(pass.targets, Rows)
    }
    Sums<Rows, Lanes> sums;
    start<Rows, Lanes>(sums, pass, at);
    add_all<Rows, Lanes>(sums, pass, at);
    if (pass.sink == Sink::kCompare) {
      bool differs = false;
      THEMIS_UNROLL
      for (size_t row = 0; row < Rows; row += 1) {
        THEMIS_UNROLL
        for (size_t lane = 0; lane < Lanes; lane += 1) {
          const uint8_t* target = pass.targets[row] + at + lane * Vectors::kBytes;
          differs |= Vectors::differs(sums.row[row][lane], Vectors::load(target));
        }
      }
      if (differs) {
        const size_t position = first_difference<Rows, Lanes>(sums, pass, at, kStep<Lanes>);
        if (position != kNoDifference) return position;
      }
      continue;
    }
    THEMIS_UNROLL
    for (size_t row = 0; row < Rows; row += 1) {
      THEMIS_UNROLL
      for (size_t lane = 0; lane < Lanes; lane += 1) {
        uint8_t* target = pass.targets[row] + at + lane * Vectors::kBytes;
        if (pass.sink == Sink::kStream) {
          Vectors::stream(target, sums.row[row][lane]);
          if (pass.copies == nullptr) continue;
          target = pass.copies[row] + at + lane * Vectors::kBytes;
        }
        Vectors::store(target, sums.row[row][lane]);
      }
    }
  }
  return at == pass.length ? kNoDifference : tail<Rows, Lanes>(pass, at);
}

template <size_t Rows>
size_t run(const CodingPass& pass) {
  if (pass.prefetch.distance != 0) return run_lanes<Rows, kColdLanes>(pass);
  return run_lanes<Rows, Vectors::kLanes>(pass);
}

#undef THEMIS_PREFETCH_STEP
