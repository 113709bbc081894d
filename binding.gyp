# The addon as `npm ci` builds it in a checkout (native/build.mjs). native/CMakeLists.txt lists the
# same sources. Instruction sets are chosen per function and at run time, never by -march.
{
  "targets": [
    {
      "target_name": "themis",
      "sources": [
        "native/addon.cc",
        "native/binding/coding.cc",
        "native/binding/crc32c.cc",
        "native/binding/slabs.cc",
        "native/binding/state.cc",
        "native/binding/tiers.cc",
        "native/kernel/coder_avx2.cc",
        "native/kernel/coder_gfni256.cc",
        "native/kernel/coder_gfni512.cc",
        "native/kernel/coder_neon.cc",
        "native/kernel/coder_scalar.cc",
        "native/kernel/coder_ssse3.cc",
        "native/kernel/coders.cc",
        "native/kernel/coding.cc",
        "native/kernel/cpu_features.cc",
        "native/kernel/crc32c_neon.cc",
        "native/kernel/crc32c_ranges.cc",
        "native/kernel/crc32c_scalar.cc",
        "native/kernel/crc32c_sse42.cc",
        "native/kernel/crc32c_vpclmulqdq.cc",
        "native/kernel/tiers.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS"],
      "cflags": ["-O2", "-fvisibility=hidden", "-Wall", "-Wextra"],
      "cflags!": ["-O3"],
      "cflags_cc": ["-std=c++17"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "GCC_OPTIMIZATION_LEVEL": "2",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0"
      },
      "msvs_settings": {
        "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++17", "/O2"] }
      }
    }
  ]
}
