/**
 * Real processes that write to real folders and are killed with SIGKILL at random moments, fifty
 * times in all: everything acknowledged is there, what was in flight is there whole or not at all,
 * and nothing else is. Each child is opened by the next at once, which also reads the folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ThemisOptions } from '../../src/index.js';
import { type RandomStream, seededRandom, systemRandom } from '../../src/io/index.js';
import { FolderModel, lanes } from './lane-model.js';
import { type KillPlan, runWriter, type WriterReport } from './writer-process.js';

const MiB = 1024 * 1024;
const seed = Number(process.env['THEMIS_TEST_SEED'] ?? systemRandom().stream('seed').u32());
console.log(`seed ${seed} (repeat with THEMIS_TEST_SEED=${seed})`);

/** A folder, and how its writers live and die. */
interface Scenario {
  readonly name: string;
  readonly rounds: number;
  readonly options: ThemisOptions;
  readonly plan: (random: RandomStream, round: number) => KillPlan;
  readonly snapshots?: boolean;
  /** Writes of one lane in flight. */
  readonly inFlight?: number;
  /** What is done to the folder before a round. */
  readonly before?: (folder: string, round: number) => void;
  /** What the reports must show, so that the scenario is what its name says. */
  readonly check?: (reports: readonly WriterReport[]) => void;
}

/** All values in the log: only there do all writes take effect in the order of the calls. */
const small: ThemisOptions = { segmentBytes: MiB, inlineBytesMax: 16 * MiB };
/** Nearly all values on six devices. */
const onDevices: ThemisOptions = { segmentBytes: MiB, inlineBytesMax: 64 };

function whileWriting(random: RandomStream): KillPlan {
  return { after: 'ready', nth: 1, delayMs: random.below(250) };
}

function whileOpening(random: RandomStream): KillPlan {
  return { after: 'opening', nth: 1, delayMs: random.below(500) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

const scenarios: readonly Scenario[] = [
  {
    name: 'writing, synced directly',
    rounds: 12,
    options: small,
    plan: whileWriting,
    check: (reports) => {
      assert.ok(sum(reports.flatMap(({ acknowledged }) => acknowledged)) > lanes * 12);
    },
  },
  {
    name: 'writing, durability buffered',
    rounds: 8,
    options: { ...small, durability: 'buffered' },
    plan: whileWriting,
  },
  {
    name: 'writing values to devices',
    rounds: 8,
    options: onDevices,
    // One write to one key after the other, since small ones overtake large ones of other keys.
    inFlight: 1,
    // The first one makes the devices.
    plan: (random) => ({ after: 'ready', nth: 1, delayMs: 200 + random.below(1000) }),
    check: (reports) => assert.ok(sum(reports.flatMap(({ acknowledged }) => acknowledged)) > lanes),
  },
  {
    name: 'opening and recovering',
    rounds: 12,
    options: { ...small, syncMode: 'dsync' },
    plan: (random, round) => (round % 3 === 0 ? whileWriting(random) : whileOpening(random)),
  },
  {
    name: 'taking snapshots, dropping and recycling the log behind them',
    rounds: 10,
    options: { ...small, syncMode: 'fdatasync' },
    snapshots: true,
    plan: (random, round) => ({
      after: round % 2 === 0 ? 'snapshot' : 'taken',
      nth: 1 + random.below(4),
      delayMs: random.below(60),
    }),
    check: (reports) => assert.ok(sum(reports.map(({ snapshots }) => snapshots)) > 3),
  },
  {
    name: 'rebuilding the state',
    rounds: 8,
    options: small,
    snapshots: true,
    plan: (random, round) =>
      round % 2 === 0
        ? { after: 'taken', nth: 1, delayMs: random.below(100) }
        : whileOpening(random),
    before: (folder, round) => {
      if (round > 1) rmSync(join(folder, 'state'), { recursive: true, force: true });
    },
    check: (reports) => {
      const fourth = reports[3]?.recovery;
      assert.is.not(fourth?.rebuilt ?? null, null, 'from the snapshot of the second round');
    },
  },
];

test('fifty kills', () => {
  assert.ok(sum(scenarios.map(({ rounds }) => rounds)) >= 50);
});

const waiting = [...scenarios.entries()];

/** Two folders at a time, each with its rounds in sequence. */
async function runLane(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [at, scenario] = next;
    const parent = mkdtempSync(join(tmpdir(), 'themis-kill-'));
    try {
      await runScenario(scenario, join(parent, 'data'), seed + at);
    } catch (error) {
      failures.set(scenario, error);
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  }
}

const failures = new Map<Scenario, unknown>();
const all = Promise.all([runLane(), runLane()]);

for (const scenario of scenarios) {
  const found = 'acknowledged is there, in flight is old or new';
  test(`killed while ${scenario.name}: ${found}`, async () => {
    await all;
    if (failures.has(scenario)) throw failures.get(scenario);
  });
}

async function runScenario(scenario: Scenario, folder: string, own: number): Promise<void> {
  const random = seededRandom(own).stream('kills');
  const model = new FolderModel(own);
  const reports: WriterReport[] = [];
  let open: { readonly round: number; readonly acknowledged: readonly number[] } | null = null;
  for (let round = 1; round <= scenario.rounds + 1; round++) {
    const isLast = round > scenario.rounds;
    scenario.before?.(folder, round);
    const { options, inFlight } = scenario;
    const job = { folder, seed: own, round, options, snapshots: false };
    // The last one only reads: it is killed as soon as it said what it found.
    const plan = isLast
      ? ({ after: 'ready', nth: 1, delayMs: 0 } as const)
      : scenario.plan(random, round);
    const report = await runWriter(
      {
        ...job,
        ...(inFlight !== undefined && { inFlight }),
        snapshots: scenario.snapshots === true && !isLast,
      },
      plan,
    );
    const where = `seed ${own}, round ${round}: ${report.errors}`;
    assert.is(report.signal, 'SIGKILL', where);
    assert.is(report.errors, '', where);
    assert.equal(report.recovery?.damages ?? [], [], where);
    assert.equal(report.recovery?.setAside ?? [], [], where);
    if (report.found !== null && open !== null) {
      model.judge(report.found, open.round, open.acknowledged);
      open = null;
    }
    if (report.ready) open = { round, acknowledged: report.acknowledged };
    reports.push(report);
  }
  assert.ok(reports.at(-1)?.ready);
  scenario.check?.(reports);
}

test.run();
