// What one environment (one JavaScript thread that loaded the addon) keeps between calls: memory
// registered for coding, and plans. Nothing is shared between environments; all of it is closed
// with the environment.
#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "../kernel/coding.h"
#include "arguments.h"

namespace themis::binding {

inline constexpr size_t kSlabsMax = 4096;
inline constexpr size_t kPlansMax = 4096;

// Open things by number. A number is never given twice, so that a closed one stays closed:
//
//   | generation of the slot: 32 | slot: 12 |    below 2^53, exact in a double
template <typename Thing, size_t Max>
class Registry {
 public:
  // Null when `number` is none of an open thing.
  Thing* find(uint64_t number) {
    const size_t slot = number % Max;
    if (slot >= entries_.size() || entries_[slot].generation != number / Max) return nullptr;
    return entries_[slot].thing.get();
  }

  // False when as many are open as may be.
  bool add(std::unique_ptr<Thing> thing, uint64_t& number) {
    size_t slot = entries_.size();
    if (!free_.empty()) {
      slot = free_.back();
      free_.pop_back();
    } else if (slot < Max) {
      entries_.emplace_back();
    } else {
      return false;
    }
    entries_[slot].thing = std::move(thing);
    number = uint64_t{entries_[slot].generation} * Max + slot;
    return true;
  }

  bool is_full() const { return free_.empty() && entries_.size() == Max; }

  std::unique_ptr<Thing> remove(uint64_t number) {
    if (find(number) == nullptr) return nullptr;
    const size_t slot = number % Max;
    Entry& entry = entries_[slot];
    // A slot whose generations are used up is not used again.
    if (entry.generation != UINT32_MAX) {
      entry.generation += 1;
      free_.push_back(slot);
    }
    return std::move(entry.thing);
  }

 private:
  struct Entry {
    uint32_t generation = 0;
    std::unique_ptr<Thing> thing;
  };
  std::vector<Entry> entries_;
  std::vector<size_t> free_;
};

// A registered Uint8Array. The reference keeps it, and with it its memory, alive. Shared memory
// stays where it is and never shrinks; an ArrayBuffer can be detached or shrunk at any time, so its
// view is asked again at every call.
struct Slab {
  napi_ref reference;
  bool is_shared;
  View<uint8_t> bytes;
};

struct State {
  Registry<Slab, kSlabsMax> slabs;
  Registry<kernel::CodingPlan, kPlansMax> plans;
};

// Creates the state of `env`; once, when the addon is loaded.
bool create_state(napi_env env);

// Null only before create_state.
State* state_of(napi_env env);

}  // namespace themis::binding
