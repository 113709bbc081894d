/** Act 4: how fast everything is read back, and that each value is the one that was written. */
import { ThemisError } from '../../../base/index.js';
import { LatencyRecorder, type LatencySummary, latencyText } from '../latency.js';
import type { Store } from '../store.js';
import { bytesText, countText, durationText, rateText, throughputText } from '../units-text.js';
import { throwIfAborted } from '../with-store.js';
import { runLanes } from './lanes.js';
import { digestOf } from './ledger.js';
import { now, type Scene } from './scene.js';

export interface ReadResult {
  readonly gets: number;
  readonly getMs: number;
  readonly bytes: number;
  readonly latency: LatencySummary;
  readonly scanned: number;
  readonly scanMs: number;
}

const lanes = 64;
const shareOfGets = 0.08;
const shareOfScans = 0.04;
const scanLength = 100;

export async function readAct(scene: Scene, store: Store): Promise<ReadResult> {
  const keys = scene.ledger.keys();
  const random = scene.context.environment.random(scene.seed).stream('reads');
  const pick = (): string => keys[random.below(keys.length)] as string;
  const latency = new LatencyRecorder();
  let gets = 0;
  let bytes = 0;
  const getsFrom = now(scene);
  await runLanes(lanes, until(scene, getsFrom + scene.budgetMs * shareOfGets), async () => {
    const key = pick();
    const beganAt = now(scene);
    const value = await store.get(Buffer.from(key));
    latency.record(now(scene) - beganAt);
    const fault = scene.ledger.check(key, value === undefined ? null : digestOf(value));
    if (fault !== null) throw new ThemisError('THEMIS_STATE_CORRUPT', `get: ${fault}`);
    gets++;
    bytes += value?.length ?? 0;
  });
  const getMs = now(scene) - getsFrom;
  const rate = rateText(gets, getMs);
  const speed = `${rate}, ${throughputText(bytes, getMs)}; ${latencyText(latency.summary())}`;
  await scene.say(`  get, ${lanes} at once, every value checked: ${speed}`);
  const scansFrom = now(scene);
  const scanned = await scanSome(scene, store, pick, scansFrom + scene.budgetMs * shareOfScans);
  const scanMs = now(scene) - scansFrom;
  const took = `${countText(scanned)} in ${durationText(scanMs)}`;
  await scene.say(
    `  scan, ${scanLength} entries each: ${rateText(scanned, scanMs)} entries (${took})`,
  );
  await scene.say(`  read ${bytesText(bytes)} in all`);
  return { gets, getMs, bytes, latency: latency.summary(), scanned, scanMs };
}

function* until(scene: Scene, deadline: number): Generator<void> {
  do yield;
  while (now(scene) < deadline && !scene.context.signal.aborted);
}

async function scanSome(
  scene: Scene,
  store: Store,
  pick: () => string,
  deadline: number,
): Promise<number> {
  let entries = 0;
  do {
    throwIfAborted(scene.context.signal);
    const range = { gte: Buffer.from(recordAt(pick())), limit: scanLength };
    for await (const _ of store.scan(range)) entries++;
  } while (now(scene) < deadline);
  return entries;
}

/** Scans start among the records, which are all small: a scan of large files measures the disk. */
function recordAt(key: string): string {
  return key.startsWith('record/') ? key : 'record/';
}
