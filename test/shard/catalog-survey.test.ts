/** A survey goes through everything once, in batches, and ends when it is told to. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import { CatalogSurvey } from '../../src/shard/catalog-survey.js';
import { DamagedFragments } from '../../src/shard/damaged-fragments.js';
import type { RepairDevices } from '../../src/shard/repair-ports.js';
import { listBlobs } from './catalog-twin.js';

const blobs = Array.from({ length: 250 }, (_, i) => 2 ** 32 + i + 1);

function surveyWhere(isThere: (blob: number, number: number) => boolean, rotten?: number) {
  const devices: Partial<RepairDevices> = {
    devices: [0, 1].map((number) => {
      const base = { path: '', role: 'active', state: 'healthy', why: '' } as const;
      return { number, isWritable: true, liveBytes: 0, ...base };
    }),
    locate: (blob, _stripe, number) => {
      if (!isThere(blob, number)) return null;
      return { device: number, volume: 1, offset: 0, bytes: 8192, digest: 0 };
    },
  };
  const listed: number[] = [];
  const survey = new CatalogSurvey({
    catalog: {
      list: async (after, count) => {
        listed.push(after);
        const entries = listBlobs(blobs, after, count);
        for (const { blob, manifest } of entries) {
          if (blob === rotten) manifest[20] = (manifest[20] as number) ^ 1;
        }
        return entries;
      },
    },
    devices: devices as RepairDevices,
    kernel,
    damaged: new DamagedFragments(),
    batch: 100,
  });
  return { survey, listed };
}

const unreadable = () => assert.unreachable('all manifests are sound');

test('everything is looked at once; what lacks something is told', async () => {
  const missing = (blobs[7] as number) + 0;
  const lost = blobs[200] as number;
  const { survey, listed } = surveyWhere((blob, number) => {
    return blob !== lost && (blob !== missing || number !== 1);
  });
  const found: [number, number][] = [];
  const counts = await survey.run({
    isStopped: () => false,
    incomplete: (blob, spare) => found.push([blob, spare]),
    unreadable,
  });
  const bytes = 250 * 2 * 2 * 4096;
  assert.equal(counts, { scanned: 250, incomplete: 2, unreadable: 0, bytes, widthMax: 2 });
  assert.equal(found, [
    [missing, 0],
    [lost, -1],
  ]);
  assert.is(listed.length, 4, 'three batches, and one that is empty');
});

test('a survey that is stopped says so instead of calling what it has not seen whole', async () => {
  const { survey } = surveyWhere(() => true);
  let batches = 0;
  const stopped = survey.run({
    isStopped: () => ++batches > 2,
    incomplete: () => undefined,
    unreadable,
  });
  assert.is(await stopped.catch(codeOf), 'THEMIS_CLOSED');
});

test('a manifest that is damaged is told, counted, and stops nobody', async () => {
  const last = blobs.at(-1) as number;
  const { survey } = surveyWhere((blob) => blob !== last, blobs[0]);
  const found: number[] = [];
  const told: string[] = [];
  const counts = await survey.run({
    isStopped: () => false,
    incomplete: (blob) => found.push(blob),
    unreadable: ({ code }) => told.push(code),
  });
  assert.equal([counts.scanned, counts.unreadable], [250, 1]);
  assert.equal(found, [last]);
  assert.equal(told, ['THEMIS_STATE_CORRUPT']);
});

test.run();
