// Memory between two pages that no access survives. Bytes at its very start and very end make an
// over-read of a single byte a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace themis::test {

class Guarded {
 public:
  // Readable: `pages` pages.
  explicit Guarded(size_t pages) {
#if defined(_WIN32)
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    const size_t page = info.dwPageSize;
    uint8_t* all = static_cast<uint8_t*>(
        VirtualAlloc(nullptr, (pages + 2) * page, MEM_RESERVE, PAGE_NOACCESS));
    if (all == nullptr ||
        VirtualAlloc(all + page, pages * page, MEM_COMMIT, PAGE_READWRITE) == nullptr) {
      fail("VirtualAlloc");
    }
#else
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void* mapped =
        mmap(nullptr, (pages + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) fail("mmap");
    uint8_t* all = static_cast<uint8_t*>(mapped);
    if (mprotect(all + page, pages * page, PROT_READ | PROT_WRITE) != 0) fail("mprotect");
#endif
    begin_ = all + page;
    size_ = pages * page;
  }

  uint8_t* begin() const { return begin_; }
  uint8_t* end() const { return begin_ + size_; }
  size_t size() const { return size_; }

 private:
  [[noreturn]] static void fail(const char* what) {
    std::perror(what);
    std::exit(2);
  }

  uint8_t* begin_;
  size_t size_;
};

}  // namespace themis::test
