/*
 * Group commit in C: what the log of Themis is measured against. Same shape on disk, same system
 * calls, no state machine, no recovery.
 *
 *   batch  := batch header (64 bytes) record* zero padding to a multiple of 4 KiB
 *   header := crc32c u32 | records u32 | bytes u64 | sequence u64 | zero to 64 bytes
 *   record := crc32c of header u32 | crc32c of payload u32 | length u32 | kind u32 |
 *             index u64 | previous u64 | stream u64 | synced u64 | payload | padding to 8
 *
 * The file is preallocated with zeros (--file-mib) and used round and round, as recycled segments
 * are. One pwrite makes a batch durable: O_DIRECT|O_DSYNC, O_DSYNC, or pwrite and fdatasync.
 *
 * Two modes:
 *   handoff  a producer thread keeps N records in flight. It writes each into a ring with its
 *            header and wakes the committer (mutex, condition variable); the committer copies what
 *            waits into an aligned buffer, seals it, writes it and wakes the producer, once per
 *            batch. The structure of Themis, so its ratios are against this.
 *   ideal    one thread frames N records, seals, writes, and starts again: no hand-off at all.
 *
 * Prints one line of JSON. Usage: group-commit FILE handoff|ideal direct|dsync|fdatasync
 *   IN_FLIGHT PAYLOAD_BYTES WARMUP_MS DURATION_MS FILE_MIB
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

enum { BLOCK = 4096, BATCH_HEADER = 64, RECORD_HEADER = 48, SUB_BUCKETS = 128, SHIFTS = 36 };
static const size_t batchBytesMax = 2u << 20;

static void fail(const char *what) {
  fprintf(stderr, "group-commit: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double nowMs(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* CRC32C: the instruction of SSE4.2 where there is one, else a table. */
static uint32_t table[256];
static int hardware;

static uint32_t crcTable(uint32_t crc, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crcHardware(uint32_t seed, const uint8_t *bytes,
                                                              size_t length) {
  uint64_t crc = seed;
  for (; length >= 8; length -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  for (; length > 0; length--, bytes++) crc = _mm_crc32_u8((uint32_t)crc, *bytes);
  return (uint32_t)crc;
}
#endif

static uint32_t crc32c(const uint8_t *bytes, size_t length) {
#if defined(__x86_64__)
  if (hardware) return ~crcHardware(~0u, bytes, length);
#endif
  return ~crcTable(~0u, bytes, length);
}

static void prepareCrc(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = (c & 1) ? (c >> 1) ^ 0x82f63b78u : c >> 1;
    table[i] = c;
  }
#if defined(__x86_64__)
  hardware = __builtin_cpu_supports("sse4.2");
#endif
}

/* Latencies in nanoseconds, log-linear as in bench/harness/histogram.ts. */
static uint64_t counts[SHIFTS * SUB_BUCKETS + SUB_BUCKETS];
static uint64_t counted, largest;

static void record(uint64_t ns, uint64_t times) {
  int shift = ns < 2 * SUB_BUCKETS ? 0 : 63 - __builtin_clzll(ns) - 7;
  if (shift >= SHIFTS - 1) shift = SHIFTS - 2, ns = (2ull * SUB_BUCKETS - 1) << shift;
  counts[(uint64_t)shift * SUB_BUCKETS + (ns >> shift)] += times;
  counted += times;
  if (ns > largest) largest = ns;
}

static double percentileUs(double percent) {
  uint64_t rank = (uint64_t)(percent / 100 * (double)counted + 0.999999), seen = 0;
  for (uint64_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    seen += counts[i];
    if (seen < rank || seen == 0) continue;
    if (i < 2 * SUB_BUCKETS) return (double)i / 1e3;
    uint64_t shift = i / SUB_BUCKETS - 1;
    return ((double)((i - shift * SUB_BUCKETS) << shift) + (double)(1ull << shift) / 2) / 1e3;
  }
  return (double)largest / 1e3;
}

/* What to do, and the file. */
static size_t inFlight, payloadBytes, recordBytes, fileBytes, filePosition;
static double warmupMs, durationMs;
static int file, needsSync;
static uint8_t *staging;
static uint64_t batchSequence, hash;

static void openFile(const char *path, const char *sync) {
  int flags = O_RDWR | O_CREAT;
  file = open(path, flags, 0600);
  if (file < 0) fail("open");
  memset(staging, 0, batchBytesMax);
  for (size_t at = 0; at < fileBytes; at += batchBytesMax) {
    if (pwrite(file, staging, batchBytesMax, (off_t)at) != (ssize_t)batchBytesMax) fail("fill");
  }
  if (fsync(file) != 0 || close(file) != 0) fail("fsync");
  flags = O_RDWR;
  if (strcmp(sync, "direct") == 0) flags |= O_DIRECT | O_DSYNC;
  else if (strcmp(sync, "dsync") == 0) flags |= O_DSYNC;
  else needsSync = 1;
  file = open(path, flags);
  if (file < 0) fail("open for the log");
}

static void put64(uint8_t *at, uint64_t value) { memcpy(at, &value, 8); }
static void put32(uint8_t *at, uint32_t value) { memcpy(at, &value, 4); }

/* Header fields known when a record is handed over, and its payload; the index makes it unique. */
static void frame(uint8_t *at, uint64_t index, const uint8_t *payload) {
  put32(at + 8, (uint32_t)payloadBytes);
  put32(at + 12, 1);
  put64(at + 16, index);
  put64(at + 24, index - 1);
  put64(at + 32, 7);
  memcpy(at + RECORD_HEADER, payload, payloadBytes);
  put64(at + RECORD_HEADER, index);
}

/* Checksums of `records` framed records behind the batch header in the staging buffer. */
static size_t seal(size_t records, uint64_t syncedTo) {
  uint8_t *at = staging + BATCH_HEADER;
  for (size_t i = 0; i < records; i++, at += recordBytes) {
    put64(at + 40, syncedTo);
    put32(at + 4, crc32c(at + RECORD_HEADER, payloadBytes));
    uint32_t crc = crc32c(at + 4, RECORD_HEADER - 4);
    put32(at, crc);
    hash += crc;
  }
  size_t used = (size_t)(at - staging), bytes = (used + BLOCK - 1) / BLOCK * BLOCK;
  memset(staging, 0, BATCH_HEADER);
  memset(at, 0, bytes - used);
  put32(staging + 4, (uint32_t)records);
  put64(staging + 8, used);
  put64(staging + 16, batchSequence++);
  put32(staging, crc32c(staging + 4, BATCH_HEADER - 4));
  return bytes;
}

static void commit(size_t bytes) {
  if (filePosition + bytes > fileBytes) filePosition = 0;
  ssize_t written = pwrite(file, staging, bytes, (off_t)filePosition);
  if (written != (ssize_t)bytes) fail("pwrite");
  if (needsSync && fdatasync(file) != 0) fail("fdatasync");
  filePosition += bytes;
}

static size_t recordsPerBatch(void) { return (batchBytesMax - BATCH_HEADER) / recordBytes; }

/* Counting: starts after the warm-up, ends at the end; completions in between are counted. */
static double countFrom, endAt, lastAt, cpuAtStart;
static uint64_t completed, batches;
static int counting;

static double cpuMs(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* Records that were handed over at `since` became durable now. */
static void complete(uint64_t records, double since, double now) {
  if (!counting) return;
  record((uint64_t)((now - since) * 1e6), records);
  completed += records;
  lastAt = now;
}

/* After each batch; true when the run is over. */
static int tick(double now) {
  if (!counting && now >= countFrom) {
    counting = 1;
    countFrom = lastAt = now;
    endAt = now + durationMs;
    cpuAtStart = cpuMs();
  } else if (counting) {
    batches++;
  }
  return now >= endAt;
}

static void runIdeal(const uint8_t *payload) {
  uint64_t index = 0;
  for (;;) {
    double since = nowMs();
    for (size_t left = inFlight; left > 0;) {
      size_t records = left < recordsPerBatch() ? left : recordsPerBatch();
      for (size_t i = 0; i < records; i++) {
        frame(staging + BATCH_HEADER + i * recordBytes, ++index, payload);
      }
      commit(seal(records, index - records));
      complete(records, since, nowMs());
      left -= records;
    }
    if (tick(nowMs())) return;
  }
}

/* The hand-off: positions count records; ring slot = position modulo in-flight. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t appendedChanged = PTHREAD_COND_INITIALIZER;
static pthread_cond_t durableChanged = PTHREAD_COND_INITIALIZER;
static uint64_t appended, durable;
static int stopping;
static uint8_t *ring;

static void *committer(void *unused) {
  (void)unused;
  uint64_t taken = 0;
  for (;;) {
    pthread_mutex_lock(&mutex);
    while (appended == taken && !stopping) pthread_cond_wait(&appendedChanged, &mutex);
    uint64_t until = appended;
    pthread_mutex_unlock(&mutex);
    if (until == taken) return NULL;
    if (until - taken > recordsPerBatch()) until = taken + recordsPerBatch();
    uint8_t *at = staging + BATCH_HEADER;
    for (uint64_t p = taken; p < until;) {
      size_t slot = p % inFlight, run = inFlight - slot;
      if (run > until - p) run = until - p;
      memcpy(at, ring + slot * recordBytes, run * recordBytes);
      at += run * recordBytes;
      p += run;
    }
    commit(seal(until - taken, taken));
    taken = until;
    pthread_mutex_lock(&mutex);
    durable = taken;
    pthread_cond_signal(&durableChanged);
    pthread_mutex_unlock(&mutex);
  }
}

static void runHandoff(const uint8_t *payload) {
  ring = calloc(inFlight, recordBytes);
  double *since = calloc(inFlight, sizeof *since);
  pthread_t thread;
  if (ring == NULL || since == NULL) fail("calloc");
  if (pthread_create(&thread, NULL, committer, NULL) != 0) fail("pthread_create");
  uint64_t head = 0, seen = 0;
  for (;;) {
    double now = nowMs();
    for (; head - seen < inFlight; head++) {
      frame(ring + head % inFlight * recordBytes, head + 1, payload);
      since[head % inFlight] = now;
    }
    pthread_mutex_lock(&mutex);
    appended = head;
    pthread_cond_signal(&appendedChanged);
    while (durable == seen) pthread_cond_wait(&durableChanged, &mutex);
    uint64_t until = durable;
    pthread_mutex_unlock(&mutex);
    now = nowMs();
    for (; seen < until; seen++) complete(1, since[seen % inFlight], now);
    if (tick(now)) break;
  }
  pthread_mutex_lock(&mutex);
  stopping = 1;
  pthread_cond_signal(&appendedChanged);
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, NULL);
}

int main(int count, char **words) {
  if (count != 9) {
    fprintf(stderr, "usage: group-commit FILE handoff|ideal direct|dsync|fdatasync IN_FLIGHT "
                    "PAYLOAD_BYTES WARMUP_MS DURATION_MS FILE_MIB\n");
    return 2;
  }
  int handoff = strcmp(words[2], "handoff") == 0;
  inFlight = strtoul(words[4], NULL, 10);
  payloadBytes = strtoul(words[5], NULL, 10);
  warmupMs = strtod(words[6], NULL);
  durationMs = strtod(words[7], NULL);
  fileBytes = strtoul(words[8], NULL, 10) << 20;
  recordBytes = (RECORD_HEADER + payloadBytes + 7) / 8 * 8;
  if (inFlight < 1 || payloadBytes < 8 || recordBytes + BATCH_HEADER > batchBytesMax ||
      fileBytes < batchBytesMax || fileBytes % batchBytesMax != 0) {
    fprintf(stderr, "group-commit: IN_FLIGHT >= 1, PAYLOAD_BYTES 8 to 1 MiB, FILE_MIB even\n");
    return 2;
  }
  prepareCrc();
  if (posix_memalign((void **)&staging, BLOCK, batchBytesMax) != 0) fail("posix_memalign");
  uint8_t *payload = malloc(payloadBytes);
  if (payload == NULL) fail("malloc");
  for (size_t i = 0; i < payloadBytes; i++) payload[i] = (uint8_t)(i * 31 + 7);
  openFile(words[1], words[3]);

  countFrom = nowMs() + warmupMs;
  endAt = 1e300;
  if (handoff) runHandoff(payload);
  else runIdeal(payload);

  double elapsed = lastAt - countFrom, cpu = cpuMs() - cpuAtStart;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"mode\":\"%s\",\"sync\":\"%s\",\"inFlight\":%zu,\"payloadBytes\":%zu,"
         "\"records\":%llu,\"batches\":%llu,\"elapsedMs\":%.3f,"
         "\"p50Us\":%.2f,\"p90Us\":%.2f,\"p99Us\":%.2f,\"p999Us\":%.2f,\"maxUs\":%.2f,"
         "\"cpuMs\":%.3f,\"rssKiB\":%ld,\"crc\":\"%s\",\"hash\":\"%08x\"}\n",
         words[2], words[3], inFlight, payloadBytes, (unsigned long long)completed,
         (unsigned long long)batches, elapsed, percentileUs(50), percentileUs(90),
         percentileUs(99), percentileUs(99.9), (double)largest / 1e3, cpu, usage.ru_maxrss,
         hardware ? "sse42" : "table", (unsigned)hash);
  return 0;
}
