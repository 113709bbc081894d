/** The end of the demo. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../../../src/admin/cli/commands.js';
import {
  type DemoReport,
  nextSteps,
  summaryTable,
  verifiedBytes,
} from '../../../../src/admin/cli/demo/summary.js';
import { sceneFixture } from './scene-fixture.js';

const latency = { count: 1, p50Ms: 0.5, p99Ms: 2, p999Ms: 3, maxMs: 4 };
const recovery = {
  durationMs: 250,
  records: 1,
  bytes: 1,
  tornBytes: 0,
  repairs: [],
  isStateRebuilt: false,
  filesSetAside: 0,
};
const report: DemoReport = {
  seed: 1,
  durationMs: 61_000,
  folder: null,
  store: {
    files: 1000,
    records: 8996,
    bundles: 4,
    large: 123,
    bytes: 2 ** 20,
    tooLarge: 0,
    unreadable: 0,
    isComplete: true,
    durationMs: 1000,
    latency,
    loopP99Ms: 1.5,
  },
  crash: {
    kills: 5,
    acknowledged: 12_345,
    inFlight: 32,
    recoveries: [recovery, { ...recovery, durationMs: 750 }],
    verifiedBytes: 5 * 2 ** 20,
  },
  rot: { damages: 2, noticed: 2, repairs: [], verifiedBytes: 2 ** 20 },
  heal: {
    devices: 6,
    largeValues: 123,
    lostFragments: 500,
    lostBytes: 30 * 2 ** 20,
    flippedBits: 48,
    noticedMs: 900,
    healedMs: 4000,
    scrubbed: 7,
    before: { reads: 100, bytes: 2 ** 20, durationMs: 1000, latency },
    during: { reads: 900, bytes: 9 * 2 ** 20, durationMs: 4000, latency },
    verifiedBytes: 2 ** 20,
  },
  read: { gets: 100, getMs: 10, bytes: 2 ** 20, latency, scanned: 50, scanMs: 10 },
};

test('every figure has its row', () => {
  const table = summaryTable(report, 80);
  for (const row of [
    /files stored +1,000\n/,
    /durable writes +10,000\/s\n/,
    /put p50 \/ p99 +500 µs \/ 2 ms\n/,
    /event loop p99 +1\.5 ms\n/,
    /kill -9 survived +5\n/,
    /slowest recovery +750 ms\n/,
    /damages noticed and repaired +2 of 2\n/,
    /large values stored +123\n/,
    /deleted device held +500 fragments\n/,
    /loss noticed after +900 ms\n/,
    /all healed after +4 s\n/,
    /reads meanwhile, all right +900\n/,
    /their p99 before \/ meanwhile +2 ms \/ 2 ms\n/,
    /gets +10,000\/s\n/,
    /verified +18 MiB\n/,
    /duration +61 s\n/,
  ]) {
    assert.match(table, row);
  }
  assert.is(verifiedBytes(report), 18 * 2 ** 20);
  assert.is(verifiedBytes({ ...report, heal: null }), 7 * 2 ** 20);
  assert.not.match(summaryTable({ ...report, heal: null }, 80), /healed/);
});

test('what to try next are commands that exist, in words that a shell takes', () => {
  const { scene } = sceneFixture();
  for (const folder of [null, '/work/kept/db', "/else where/it's/db"]) {
    const steps = nextSteps(scene.context, folder);
    assert.ok(steps.length >= 4);
    for (const [line] of steps) {
      const word = /^node main\.js (\S+)/.exec(line)?.[1] ?? '';
      const isKnown = commands.some(({ path }) => path[0] === word);
      assert.ok(isKnown || word === '--help', line);
    }
  }
  const shown = (folder: string): string => nextSteps(scene.context, folder)[0]?.[0] ?? '';
  assert.is(shown('/work/kept/db'), 'node main.js status --dir kept/db');
  assert.is(shown("/it's/db"), "node main.js status --dir '/it'\\''s/db'");
});

test('started by its name, or in its checkout, it is called by its name', () => {
  const { scene } = sceneFixture();
  for (const more of [{ isInstalledCommand: true }, { packageFolder: '/work' }]) {
    const environment = { ...scene.context.environment, ...more };
    const [first] = nextSteps({ ...scene.context, environment }, null);
    assert.match(first?.[0] ?? '', /^npx themis demo /);
  }
});

test.run();
