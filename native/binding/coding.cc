// Glue for coding: reads and checks arguments, finds the plan and the slab, calls the kernel.
#include "coding.h"

#include "arguments.h"
#include "slabs.h"
#include "state.h"

namespace themis::binding {

namespace {

constexpr uint64_t kNumberMax = (uint64_t{1} << 53) - 1;
constexpr size_t kArgumentsMax = 8;

// A call: its arguments, the coder to which the function is bound, and what is open.
struct Call {
  napi_env env;
  napi_value values[kArgumentsMax];
  const kernel::Coder* coder;
  State* state;
};

bool open(napi_env env, napi_callback_info info, size_t arguments, Call& call) {
  size_t count = kArgumentsMax;
  void* data = nullptr;
  call.env = env;
  if (napi_get_cb_info(env, info, &count, call.values, nullptr, &data) != napi_ok) return false;
  call.coder = static_cast<const kernel::Coder*>(data);
  call.state = state_of(env);
  return count >= arguments && call.state != nullptr;
}

// The plan and the stripe of a call, in its first five arguments; null, or why they are refused.
const char* read_stripe(Call& call, const kernel::CodingPlan*& plan, kernel::Stripe& stripe) {
  uint64_t number = 0, offset = 0, stride = 0, length = 0;
  if (!read_integer(call.env, call.values[0], kNumberMax, number)) return "plan is not a number";
  plan = call.state->plans.find(number);
  if (plan == nullptr) return "the plan is not open";
  if (&plan->coder() != call.coder) return "the plan belongs to another coder";
  View<uint8_t> bytes;
  if (!read_slab(call.env, *call.state, call.values[1], bytes)) return "the slab is not open";
  if (!read_integer(call.env, call.values[2], bytes.length, offset) ||
      !read_integer(call.env, call.values[3], bytes.length, stride) ||
      !read_integer(call.env, call.values[4], bytes.length, length)) {
    return "offset, stride or length leaves the slab";
  }
  if (stride < length) return "stride is less than length: shards overlap";
  // None of the three exceeds the size of memory, and shard numbers are bytes: no overflow.
  if (offset + plan->highest_shard() * stride + length > bytes.length) {
    return "a shard leaves the slab";
  }
  stripe = {bytes.data + offset, static_cast<size_t>(stride), static_cast<size_t>(length)};
  return nullptr;
}

// A list of shard numbers. Copied before it is checked: other threads may change it meanwhile.
bool read_shards(napi_env env, napi_value value, std::vector<uint8_t>& shards) {
  View<const uint16_t> list;
  if (!read_view(env, value, napi_uint16_array, list)) return false;
  if (list.length == 0 || list.length >= kernel::kShardsMax) return false;
  for (size_t i = 0; i < list.length; i += 1) {
    const uint16_t shard = static_cast<const volatile uint16_t*>(list.data)[i];
    if (shard >= kernel::kShardsMax) return false;
    shards.push_back(static_cast<uint8_t>(shard));
  }
  return true;
}

napi_value plan_open(napi_env env, napi_callback_info info) {
  Call call;
  if (!open(env, info, 3, call)) {
    return refuse(env, "planOpen takes (coefficients, sources, targets)");
  }
  View<const uint8_t> coefficients;
  kernel::Matrix matrix;
  if (!read_view(env, call.values[0], napi_uint8_array, coefficients)) {
    return refuse(env, "coefficients is not a Uint8Array");
  }
  if (!read_shards(env, call.values[1], matrix.sources)) {
    return refuse(env, "sources is not a Uint16Array of 1 to 255 shard numbers below 256");
  }
  if (!read_shards(env, call.values[2], matrix.targets)) {
    return refuse(env, "targets is not a Uint16Array of 1 to 255 shard numbers below 256");
  }
  if (coefficients.length != matrix.sources.size() * matrix.targets.size()) {
    return refuse(env, "coefficients has not a row for each target and a column for each source");
  }
  matrix.coefficients.assign(coefficients.data, coefficients.data + coefficients.length);
  if (!kernel::is_matrix(matrix)) return refuse(env, "a shard is named twice");
  if (call.state->plans.is_full()) return refuse(env, "too many plans are open; close one");
  uint64_t number = 0;
  call.state->plans.add(std::make_unique<kernel::CodingPlan>(*call.coder, matrix), number);
  napi_value result = nullptr;
  napi_create_double(env, static_cast<double>(number), &result);
  return result;
}

napi_value plan_close(napi_env env, napi_callback_info info) {
  Call call;
  uint64_t number = 0;
  if (!open(env, info, 1, call) || !read_integer(env, call.values[0], kNumberMax, number)) {
    return refuse(env, "planClose takes the number of a plan");
  }
  const kernel::CodingPlan* plan = call.state->plans.find(number);
  if (plan == nullptr) return refuse(env, "the plan is not open");
  if (&plan->coder() != call.coder) return refuse(env, "the plan belongs to another coder");
  call.state->plans.remove(number);
  return nullptr;
}

napi_value multiply(napi_env env, napi_callback_info info) {
  Call call;
  const kernel::CodingPlan* plan = nullptr;
  kernel::Stripe stripe;
  uint64_t streaming = 0;
  if (!open(env, info, 6, call)) {
    return refuse(env, "multiply takes (plan, slab, offset, stride, length, streaming)");
  }
  if (const char* reason = read_stripe(call, plan, stripe)) return refuse(env, reason);
  if (!read_integer(env, call.values[5], 1, streaming)) {
    return refuse(env, "streaming is not 0 or 1");
  }
  kernel::multiply(*plan, stripe, streaming == 1);
  return nullptr;
}

napi_value verify(napi_env env, napi_callback_info info) {
  Call call;
  const kernel::CodingPlan* plan = nullptr;
  kernel::Stripe stripe;
  if (!open(env, info, 5, call)) {
    return refuse(env, "verify takes (plan, slab, offset, stride, length)");
  }
  if (const char* reason = read_stripe(call, plan, stripe)) return refuse(env, reason);
  const size_t difference = kernel::verify(*plan, stripe);
  napi_value result = nullptr;
  napi_create_double(
      env, difference == kernel::kNoDifference ? -1.0 : static_cast<double>(difference), &result);
  return result;
}

napi_value multiply_add(napi_env env, napi_callback_info info) {
  Call call;
  const kernel::CodingPlan* plan = nullptr;
  kernel::Stripe stripe;
  if (!open(env, info, 5, call)) {
    return refuse(env, "multiplyAdd takes (plan, slab, offset, stride, length)");
  }
  if (const char* reason = read_stripe(call, plan, stripe)) return refuse(env, reason);
  kernel::multiply_add(*plan, stripe);
  return nullptr;
}

napi_value multiply_checksums(napi_env env, napi_callback_info info) {
  Call call;
  const kernel::CodingPlan* plan = nullptr;
  kernel::Stripe stripe;
  uint64_t streaming = 0, block = 0;
  View<uint32_t> results;
  if (!open(env, info, 8, call)) {
    return refuse(env,
                  "multiplyChecksums takes (plan, slab, offset, stride, length, streaming, block, "
                  "results)");
  }
  if (const char* reason = read_stripe(call, plan, stripe)) return refuse(env, reason);
  if (!read_integer(env, call.values[5], 1, streaming)) {
    return refuse(env, "streaming is not 0 or 1");
  }
  if (!read_integer(env, call.values[6], kNumberMax, block) || block == 0) {
    return refuse(env, "block is not a positive integer");
  }
  if (!read_view(env, call.values[7], napi_uint32_array, results)) {
    return refuse(env, "results is not a Uint32Array");
  }
  const size_t blocks = stripe.length / block + (stripe.length % block == 0 ? 0 : 1);
  const size_t shards = plan->sources().size() + plan->targets().size();
  if (results.length / shards < blocks) {
    return refuse(env, "results has fewer elements than there are blocks");
  }
  static const kernel::Crc32c crc32c = kernel::best_crc32c();
  kernel::multiply_checksums(*plan, stripe, streaming == 1, static_cast<size_t>(block), crc32c,
                             results.data);
  return nullptr;
}

}  // namespace

void add_coding_functions(Napi::Env env, const kernel::Coder& coder, Napi::Object entry) {
  const struct {
    const char* name;
    napi_callback callback;
  } functions[] = {
      {"planOpen", plan_open},        {"planClose", plan_close},
      {"multiply", multiply},         {"verify", verify},
      {"multiplyAdd", multiply_add},  {"multiplyChecksums", multiply_checksums},
  };
  for (const auto& [name, callback] : functions) {
    napi_value function = nullptr;
    const napi_status status =
        napi_create_function(env, name, NAPI_AUTO_LENGTH, callback,
                             const_cast<void*>(static_cast<const void*>(&coder)), &function);
    NAPI_THROW_IF_FAILED_VOID(env, status);
    entry.Set(name, Napi::Value(env, function));
  }
}

}  // namespace themis::binding
