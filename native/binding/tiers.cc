// Builds the lists of tiers. The CPU is asked here, once for each thread that loads the addon.
#include "tiers.h"

#include "../kernel/coder.h"
#include "../kernel/kernel.h"
#include "coding.h"
#include "crc32c.h"

namespace themis::binding {

namespace {

void refuse(Napi::Array list, const char* name, kernel::CpuFeatures missing) {
  Napi::Object entry = Napi::Object::New(list.Env());
  entry.Set("name", name);
  entry.Set("missing", kernel::describe(missing));
  list.Set(list.Length(), entry);
}

}  // namespace

Napi::Array kernels(Napi::Env env) {
  const kernel::CpuFeatures features = kernel::detect_cpu_features();
  Napi::Array list = Napi::Array::New(env);
  for (const kernel::Tier& tier : kernel::tiers()) {
    if ((tier.required & ~features) != 0) continue;
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", tier.name);
    entry.Set("crc32c", crc32c_function(env, tier));
    entry.Set("crc32cRanges", crc32c_ranges_function(env, tier));
    list.Set(list.Length(), entry);
  }
  return list;
}

Napi::Array refused(Napi::Env env) {
  const kernel::CpuFeatures features = kernel::detect_cpu_features();
  Napi::Array list = Napi::Array::New(env);
  for (const kernel::Tier& tier : kernel::tiers()) {
    const kernel::CpuFeatures missing = tier.required & ~features;
    if (missing != 0) refuse(list, tier.name, missing);
  }
  return list;
}

Napi::Array coders(Napi::Env env) {
  const kernel::CpuFeatures features = kernel::detect_cpu_features();
  Napi::Array list = Napi::Array::New(env);
  for (const kernel::Coder* coder : kernel::coders()) {
    if ((coder->required & ~features) != 0) continue;
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", coder->name);
    add_coding_functions(env, *coder, entry);
    list.Set(list.Length(), entry);
  }
  return list;
}

Napi::Array refused_coders(Napi::Env env) {
  const kernel::CpuFeatures features = kernel::detect_cpu_features();
  Napi::Array list = Napi::Array::New(env);
  for (const kernel::Coder* coder : kernel::coders()) {
    const kernel::CpuFeatures missing = coder->required & ~features;
    if (missing != 0) refuse(list, coder->name, missing);
  }
  return list;
}

}  // namespace themis::binding
