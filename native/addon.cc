// The addon: a table of contents. Glue is in binding/, arithmetic in kernel/. What it keeps belongs
// to one environment, so any number of threads may load it.
#include <napi.h>

#include "binding/slabs.h"
#include "binding/state.h"
#include "binding/tiers.h"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  if (!themis::binding::create_state(env)) {
    Napi::Error::New(env, "The addon's state cannot be created").ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("kernels", themis::binding::kernels(env));  // the tiers that run here, best first
  exports.Set("refused", themis::binding::refused(env));  // the tiers that do not, and why
  exports.Set("coders", themis::binding::coders(env));  // the same of Reed-Solomon coding
  exports.Set("refusedCoders", themis::binding::refused_coders(env));
  exports.Set("slabOpen", themis::binding::slab_open_function(env));
  exports.Set("slabClose", themis::binding::slab_close_function(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(themis, initialize)
