/** What repair does in threads: every way to lose two of six is found, and made anew bit for bit. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import { fragmentHeaderBytes } from '../../src/device/index.js';
import { portableKernel as kernel, portableCoding, Slab } from '../../src/kernel/index.js';
import { stripeToCheck } from '../../src/shard/blob-repair.js';
import { fragmentLength, strideOf, stripeLength } from '../../src/shard/stripe-layout.js';
import { rebuildStripe, scrubStripe } from '../../src/shard/stripe-tasks.js';
import { TaskSetting } from '../../src/shard/task-setting.js';
import { clusterId, randomValue } from './blob-fixture.js';
import { type Stored, storedValue } from './piece-fixture.js';

const value = randomValue(300_001);
const width = 6;

function world({ devices, manifest }: Stored) {
  const { fileSystem } = devices;
  const setting = new TaskSetting({ fileSystem, kernel, coding: portableCoding });
  const slab = Slab.allocate(limits.blobSlotBytesMax);
  const { memory, byteLength } = slab;
  const posted = { id: 5, memory, byteLength };
  const parts = { devices, clusterId, slab: { posted } };
  const stripe = () => stripeToCheck(manifest, 0, 0, parts as never);
  const stride = strideOf(fragmentLength(manifest, stripeLength(manifest, 0)));
  return { setting, slab, stripe, stride };
}

test('a whole stripe is sound, and its parity is that of its data', async () => {
  const { setting, stripe, stride } = world(await storedValue(value));
  const check = scrubStripe(stripe(), setting);
  const whole = { findings: [], bytes: width * stride, sound: width, parityDiffers: false };
  assert.equal(check, whole);
});

test('one flipped byte in any fragment, header included, is found and named', async () => {
  for (let number = 0; number < width; number++) {
    for (const byte of [0, 100, fragmentHeaderBytes, fragmentHeaderBytes + 70_000]) {
      const stored = await storedValue(value);
      const { setting, stripe } = world(stored);
      stored.devices.damage(stored.manifest.blob, 0, number, byte);
      const { findings, sound } = scrubStripe(stripe(), setting);
      assert.equal(
        findings.map((finding) => finding.number),
        [number],
        `byte ${byte}`,
      );
      assert.is(sound, width - 1);
    }
  }
});

test('any two fragments, data or parity, are made anew as they were written', async () => {
  const stored = await storedValue(value);
  const { setting, slab, stripe, stride } = world(stored);
  const { devices, manifest } = stored;
  for (let a = 0; a < width; a++) {
    for (let b = a; b < width; b++) {
      const wanted = a === b ? [a] : [a, b];
      slab.bytes.fill(0xee);
      const { nonce, blockBytes } = manifest;
      const result = rebuildStripe({ ...stripe(), nonce, blockBytes, wanted }, setting);
      assert.is(result.kind, 'rebuilt', wanted.join());
      for (const number of wanted) {
        const made = slab.bytes.slice(number * stride, (number + 1) * stride);
        const written = devices.bytesOf(manifest.blob, 0, number);
        // The volume that it lies in, and the header's checksum over that, come with the write.
        assert.ok(sameBut(made, written), `fragment ${number} of ${wanted.join()}`);
      }
    }
  }
});

/** Equal but for the place in a volume and the checksum of the header. */
function sameBut(made: Uint8Array, written: Uint8Array): boolean {
  const blank = (bytes: Uint8Array): Buffer => {
    const copy = Buffer.from(bytes);
    copy.fill(0, 16, 24);
    copy.fill(0, fragmentHeaderBytes - 4, fragmentHeaderBytes);
    return copy;
  };
  return blank(made).equals(blank(written));
}

test('damaged sources are passed over; with too few left, it is lost', async () => {
  const stored = await storedValue(value);
  const { setting, stripe } = world(stored);
  const { nonce, blockBytes, blob } = stored.manifest;
  stored.devices.damage(blob, 0, 0);
  const one = rebuildStripe({ ...stripe(), nonce, blockBytes, wanted: [5] }, setting);
  assert.is(one.kind, 'rebuilt');
  assert.equal(
    one.findings.map(({ number }) => number),
    [0],
  );
  stored.devices.damage(blob, 0, 1);
  const two = rebuildStripe({ ...stripe(), nonce, blockBytes, wanted: [5] }, setting);
  assert.is(two.kind, 'lost');
});

test('what does not come out as the manifest names it is refused', async () => {
  const stored = await storedValue(value);
  const { setting, stripe } = world(stored);
  const { nonce, blockBytes } = stored.manifest;
  const whole = stripe();
  const digests = whole.digests.slice();
  digests[4] = (digests[4] as number) ^ 1;
  const result = rebuildStripe({ ...whole, digests, nonce, blockBytes, wanted: [4] }, setting);
  assert.equal([result.kind, result.kind === 'inconsistent' && result.number], ['inconsistent', 4]);
});

test.run();
