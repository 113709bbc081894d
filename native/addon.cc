// The addon: a table of contents. Glue is in binding/, arithmetic in kernel/. It keeps no state, so
// any number of threads may load it.
#include <napi.h>

#include "binding/tiers.h"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("kernels", themis::binding::kernels(env));  // the tiers that run here, best first
  exports.Set("refused", themis::binding::refused(env));  // the tiers that do not, and why
  return exports;
}

}  // namespace

NODE_API_MODULE(themis, initialize)
