// The table of coders, best first.
#include "coder.h"

namespace themis::kernel {

namespace {

const Coder* const kCoders[] = {
#if defined(__x86_64__) || defined(_M_X64)
    &kCoderGfni512, &kCoderGfni256, &kCoderAvx2, &kCoderSsse3,
#elif defined(__aarch64__) || defined(_M_ARM64)
    &kCoderNeon,
#endif
    &kCoderScalar,
};

}  // namespace

CoderList coders() { return {kCoders, sizeof(kCoders) / sizeof(kCoders[0])}; }

}  // namespace themis::kernel
