/** The scrub: at its rate, faster once it found damage, from where it was, and to the end. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ManualClock, memoryTimers, seededRandom } from '../../src/io/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import type { BlobCompute } from '../../src/shard/blob-tasks.js';
import { DamagedFragments } from '../../src/shard/damaged-fragments.js';
import type { RepairDevices } from '../../src/shard/repair-ports.js';
import { RepairSlab } from '../../src/shard/repair-slab.js';
import { Scrub } from '../../src/shard/scrub.js';
import type { ScrubNote } from '../../src/shard/scrub-note.js';
import { listBlobs } from './catalog-twin.js';

const blobs = [1, 2, 3, 4, 5, 6].map((n) => 2 ** 32 + n);
const stripeBytes = 100_000;

interface Plan {
  readonly note?: ScrubNote;
  /** Blobs with a damaged fragment. */
  readonly damaged?: readonly number[];
}

function played({ note, damaged = [] }: Plan = {}) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const notes: ScrubNote[] = [];
  const scrubbed: number[] = [];
  const place = { device: 0, volume: 1, offset: 4096, bytes: 8192, digest: 0 };
  const devices: Partial<RepairDevices> = {
    devices: [],
    locate: () => place,
    places: () => [place],
    readPlace: ({ offset, bytes }) => ({ path: '/v', offset, bytes }),
    reportDamage: (device) => heard.push(`damage on ${device}`),
  };
  const compute = {
    threads: 1,
    run: async (task: string, argument: { blob: number; note: ScrubNote }) => {
      if (task === 'read-scrub-note') return note ?? null;
      if (task === 'write-scrub-note') {
        notes.push(argument.note);
        return null;
      }
      scrubbed.push(argument.blob);
      const bad = { number: 1, kind: 'damaged', why: 'rot' };
      const findings = damaged.includes(argument.blob) ? [bad] : [];
      return { findings, bytes: stripeBytes, sound: 2 - findings.length, parityDiffers: false };
    },
  } as BlobCompute;
  const scrub = new Scrub({
    catalog: {
      list: async (after, count) => listBlobs(blobs, after, count),
    },
    devices: devices as RepairDevices,
    blobs: { pin: (blob) => heard.push(`pin ${blob}`), unpin: () => undefined },
    compute,
    slab: new RepairSlab(seededRandom(1).stream('slab')),
    kernel,
    damaged: new DamagedFragments(),
    place: { directory: '/data', clusterId: new Uint8Array(16) },
    clock,
    timers: memoryTimers(clock),
    bytesPerSecond: stripeBytes,
    pace: async () => undefined,
    verified: () => undefined,
    found: ({ blob }) => heard.push(`found ${blob}`),
    failed: ({ message }) => heard.push(message),
  });
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 100) {
      clock.advance(100);
      for (let i = 0; i < 30; i++) await Promise.resolve();
    }
  };
  return { scrub, clock, heard, notes, scrubbed, pass };
}

test('one stripe a second at one stripe a second; the whole catalog, then a rest', async () => {
  const { scrub, scrubbed, notes, clock, pass } = played();
  scrub.start();
  await pass(2500);
  assert.ok(scrubbed.length >= 2 && scrubbed.length <= 4, `${scrubbed.length} in 2.5 s`);
  await pass(5000);
  assert.equal(scrubbed, blobs);
  assert.is(notes.at(-1)?.after, 0, 'the pass is complete');
  assert.ok((notes.at(-1)?.completedMs ?? 0) > 0);
  assert.ok(scrub.ageSeconds >= 6, `${scrub.ageSeconds} s old`);
  clock.advance(limits.scrubPauseMs);
  await pass(1500);
  assert.ok(scrubbed.length > blobs.length, 'and begins again');
  await scrub.stop();
});

test('once damage was found, it goes faster', async () => {
  const { scrub, scrubbed, heard, pass } = played({ damaged: [blobs[0] as number] });
  scrub.start();
  await pass(2000);
  assert.is(scrubbed.length, blobs.length, 'four times as fast');
  assert.ok(heard.includes(`found ${blobs[0]}`) && heard.includes('damage on 0'));
  await scrub.stop();
});

test('a pass goes on where the note says', async () => {
  const note = { passMs: 5, after: blobs[3] as number, found: 0, completedMs: 0 };
  const { scrub, scrubbed, pass } = played({ note });
  scrub.start();
  await pass(3000);
  assert.equal(scrubbed, blobs.slice(4));
  await scrub.stop();
});

test('a pass that somebody waits for takes no rest, and a stop is no success', async () => {
  const { scrub, scrubbed } = played();
  scrub.start();
  const seen: number[] = [];
  const result = await scrub.pass(({ blobs: count }) => seen.push(count));
  assert.equal([result.blobs, result.fragments, result.damaged], [6, 12, 0]);
  assert.equal(seen, [1, 2, 3, 4, 5, 6]);
  assert.ok(scrubbed.length >= 6);
  const stopped = scrub.pass(() => undefined).catch(codeOf);
  await scrub.stop();
  assert.is(await stopped, 'THEMIS_CLOSED');
});

test.run();
