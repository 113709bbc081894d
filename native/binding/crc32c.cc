// Glue for CRC32C: reads and checks arguments, calls the tier, returns the number.
#include "crc32c.h"

#include "arguments.h"

namespace themis::binding {

namespace {

constexpr uint64_t kOffsetMax = (uint64_t{1} << 53) - 1;
constexpr uint64_t kSeedMax = 0xFFFFFFFFu;
constexpr size_t kArguments = 4;

// The arguments of a call and the tier to which its function is bound; null when arguments lack.
const kernel::Tier* open(napi_env env, napi_callback_info info, napi_value (&values)[kArguments]) {
  size_t count = kArguments;
  void* data = nullptr;
  const napi_status status = napi_get_cb_info(env, info, &count, values, nullptr, &data);
  if (status != napi_ok || count < kArguments) return nullptr;
  return static_cast<const kernel::Tier*>(data);
}

napi_value crc32c(napi_env env, napi_callback_info info) {
  napi_value values[kArguments];
  View<const uint8_t> bytes;
  uint64_t offset = 0, length = 0, seed = 0;
  const kernel::Tier* tier = open(env, info, values);
  if (tier == nullptr) return refuse(env, "crc32c takes (bytes, offset, length, seed)");
  if (!read_view(env, values[0], napi_uint8_array, bytes)) {
    return refuse(env, "bytes is not a Uint8Array");
  }
  if (!read_integer(env, values[1], kOffsetMax, offset) ||
      !read_integer(env, values[2], kOffsetMax, length) || offset > bytes.length ||
      length > bytes.length - offset) {
    return refuse(env, "offset and length leave the bytes");
  }
  if (!read_integer(env, values[3], kSeedMax, seed)) {
    return refuse(env, "seed is not an unsigned 32-bit integer");
  }
  const uint32_t crc = tier->crc32c(bytes.data + offset, static_cast<size_t>(length),
                                    static_cast<uint32_t>(seed));
  napi_value result = nullptr;
  napi_create_uint32(env, crc, &result);
  return result;
}

napi_value crc32c_ranges(napi_env env, napi_callback_info info) {
  napi_value values[kArguments];
  View<const uint8_t> bytes;
  View<const uint32_t> ranges;
  View<uint32_t> results;
  uint64_t count = 0;
  const kernel::Tier* tier = open(env, info, values);
  if (tier == nullptr) return refuse(env, "crc32cRanges takes (bytes, ranges, count, results)");
  if (!read_view(env, values[0], napi_uint8_array, bytes)) {
    return refuse(env, "bytes is not a Uint8Array");
  }
  if (!read_view(env, values[1], napi_uint32_array, ranges)) {
    return refuse(env, "ranges is not a Uint32Array");
  }
  if (!read_view(env, values[3], napi_uint32_array, results)) {
    return refuse(env, "results is not a Uint32Array");
  }
  if (!read_integer(env, values[2], ranges.length / 2, count)) {
    return refuse(env, "count is not an integer, or ranges has fewer pairs");
  }
  if (count > results.length) return refuse(env, "results has fewer than count elements");
  if (!kernel::crc32c_ranges(tier->crc32c, bytes.data, bytes.length, ranges.data,
                             static_cast<size_t>(count), results.data)) {
    return refuse(env, "a range leaves the bytes");
  }
  return nullptr;
}

// The tier travels as the function's data: no lookup per call, no state in the addon. The table is
// constant, so the cast loses nothing.
Napi::Value bind(Napi::Env env, const char* name, napi_callback callback,
                 const kernel::Tier& tier) {
  napi_value function = nullptr;
  const napi_status status =
      napi_create_function(env, name, NAPI_AUTO_LENGTH, callback,
                           const_cast<void*>(static_cast<const void*>(&tier)), &function);
  NAPI_THROW_IF_FAILED(env, status, Napi::Value());
  return Napi::Value(env, function);
}

}  // namespace

Napi::Value crc32c_function(Napi::Env env, const kernel::Tier& tier) {
  return bind(env, "crc32c", crc32c, tier);
}

Napi::Value crc32c_ranges_function(Napi::Env env, const kernel::Tier& tier) {
  return bind(env, "crc32cRanges", crc32c_ranges, tier);
}

}  // namespace themis::binding
