/** Act 1: files and records are stored durably, many at once, and every acknowledgement noted. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { codeOf, MiB } from '../../../base/index.js';
import { limits } from '../../../config/index.js';
import { renderBars } from '../chart.js';
import { LatencyRecorder, type LatencySummary, latencyRows, latencyText } from '../latency.js';
import { readWholeFile } from '../read-file.js';
import type { Store } from '../store.js';
import {
  bytesText,
  countText,
  durationText,
  plural,
  rateText,
  throughputText,
} from '../units-text.js';
import { Bundles } from './bundles.js';
import { type CorpusFile, cutRecords, walk } from './corpus.js';
import { runLanes } from './lanes.js';
import { digestOf } from './ledger.js';
import { now, type Scene } from './scene.js';

export interface StoreResult {
  readonly files: number;
  readonly records: number;
  /** Values of several MiB that were made of files. */
  readonly bundles: number;
  /** Of all values, those that went to devices. */
  readonly large: number;
  readonly bytes: number;
  readonly tooLarge: number;
  readonly unreadable: number;
  readonly isComplete: boolean;
  readonly durationMs: number;
  readonly latency: LatencySummary;
  readonly loopP99Ms: number;
}

const lanes = 256;
const bytesInFlightMax = 24 * MiB;
const recordsPerFileMax = 10;
const shareOfBudget = 0.32;
/** Larger files are left out: each is read whole to be verified. */
const fileBytesMax = 64 * MiB;
const filesPerTurn = 256;
/** How long files are read before the event loop has its turn. */
const turnMs = 2;
const loopResolutionMs = 1;

interface Item {
  readonly kind: 'file' | 'record' | 'bundle';
  readonly key: string;
  readonly value: Buffer;
}

const counters = { file: 'files', record: 'records', bundle: 'bundles' } as const;

/** Counts what was done, and holds the reader back while too many bytes are under way. */
class Intake {
  files = 0;
  records = 0;
  bundles = 0;
  large = 0;
  bytes = 0;
  tooLarge = 0;
  unreadable = 0;
  filesSeen = 0;
  #inFlight = 0;
  #onRoom: (() => void) | null = null;

  async room(bytes: number): Promise<void> {
    while (this.#inFlight > 0 && this.#inFlight + bytes > bytesInFlightMax) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  count({ kind, value }: Item): void {
    this[counters[kind]]++;
    if (value.length > limits.inlineBytesMax) this.large++;
    this.bytes += value.length;
  }

  take(bytes: number): void {
    this.#inFlight += bytes;
  }

  give(bytes: number): void {
    this.#inFlight -= bytes;
    const wake = this.#onRoom;
    this.#onRoom = null;
    wake?.();
  }
}

export async function storeAct(scene: Scene, store: Store): Promise<StoreResult> {
  const files = await findFiles(scene);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  await scene.say(
    `  ${plural(files.length, 'file')}, ${bytesText(total)}, from ${scene.source}\n` +
      `  up to ${lanes} writes at once; a write counts once its sync has returned`,
  );
  const intake = new Intake();
  const latency = new LatencyRecorder();
  const loop = monitorEventLoopDelay({ resolution: loopResolutionMs });
  loop.enable();
  const startedAt = now(scene);
  const progress = scene.progress('Storing');
  const source = items(scene, files, intake, startedAt + scene.budgetMs * shareOfBudget);
  await runLanes(lanes, source, async (item) => {
    const beganAt = now(scene);
    await store.put(Buffer.from(item.key), item.value);
    latency.record(now(scene) - beganAt);
    scene.ledger.acknowledged(item.key, digestOf(item.value));
    intake.give(item.value.length);
    intake.count(item);
    progress.update(intake.filesSeen / files.length, () => livePulse(scene, intake, startedAt));
  });
  progress.clear();
  loop.disable();
  const { tooLarge, unreadable, records, bundles, large, bytes } = intake;
  return {
    files: intake.files,
    records,
    bundles,
    large,
    bytes,
    tooLarge,
    unreadable,
    isComplete: intake.filesSeen === files.length,
    durationMs: now(scene) - startedAt,
    latency: latency.summary(),
    loopP99Ms: Math.max(0, loop.percentile(99) / 1e6 - loopResolutionMs),
  };
}

function livePulse(scene: Scene, intake: Intake, startedAt: number): string {
  const elapsed = now(scene) - startedAt;
  const writes = intake.files + intake.records + intake.bundles;
  const count = `${countText(writes)} writes`;
  return `${count}  ${rateText(writes, elapsed)}  ${throughputText(intake.bytes, elapsed)}`;
}

async function findFiles(scene: Scene): Promise<CorpusFile[]> {
  const files: CorpusFile[] = [];
  for (const file of walk(scene.context.environment.fileSystem, scene.source)) {
    files.push(file);
    if (files.length % filesPerTurn === 0) await nextTurn();
  }
  return files;
}

async function* items(
  scene: Scene,
  files: readonly CorpusFile[],
  intake: Intake,
  deadline: number,
): AsyncGenerator<Item> {
  let record = 0;
  let bundle = 0;
  let turnBegan = now(scene);
  const bundles = new Bundles();
  const bundled = async (value: Buffer): Promise<Item> => {
    await intake.room(value.length);
    intake.take(value.length);
    return { kind: 'bundle', key: `bundle/${String(bundle++).padStart(3, '0')}`, value };
  };
  for (const file of files) {
    // Reading and cutting is work of this thread: acknowledgements must not wait for it.
    if (now(scene) - turnBegan > turnMs) {
      await nextTurn();
      turnBegan = now(scene);
    }
    if (scene.context.signal.aborted || now(scene) > deadline) break;
    intake.filesSeen++;
    if (file.bytes > fileBytesMax) {
      intake.tooLarge++;
      continue;
    }
    await intake.room(file.bytes);
    const value = readOrNull(scene, file);
    if (value === null || value.length > fileBytesMax) {
      intake.unreadable++;
      continue;
    }
    intake.take(value.length);
    yield { kind: 'file', key: `file/${file.name}`, value };
    for (const text of cutRecords(file, value, recordsPerFileMax)) {
      const bytes = Buffer.from(text);
      intake.take(bytes.length);
      yield { kind: 'record', key: `record/${String(record++).padStart(7, '0')}`, value: bytes };
    }
    const full = bundles.add(value);
    if (full !== null) yield await bundled(full);
  }
  for (const value of bundles.rest()) {
    if (scene.context.signal.aborted) return;
    yield await bundled(value);
  }
}

/** Null for a file that vanished or may not be read: it is counted and said, not stored. */
function readOrNull(scene: Scene, file: CorpusFile): Buffer | null {
  try {
    return readWholeFile(scene.context.environment.fileSystem, file.path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EACCES') return null;
    throw error;
  }
}

export async function tellStore(scene: Scene, result: StoreResult): Promise<void> {
  const { files, records, bundles, large, bytes, durationMs, latency } = result;
  const writes = files + records + bundles;
  const kinds = `${plural(files, 'file')}, ${plural(records, 'record')}, ${plural(bundles, 'bundle')}`;
  await scene.say(`  stored ${kinds}, ${bytesText(bytes)}, in ${durationText(durationMs)}`);
  await scene.say(`  ${countText(large)} of them are large: cut into fragments on several devices`);
  const speed = `${rateText(writes, durationMs)} durable writes, ${throughputText(bytes, durationMs)}`;
  await scene.say(`  ${speed}; ${latencyText(latency)}`);
  if (result.tooLarge > 0) {
    await scene.say(
      `  left out: ${plural(result.tooLarge, 'file')} larger than ${bytesText(fileBytesMax)}`,
    );
  }
  if (result.unreadable > 0) {
    await scene.say(`  left out: ${plural(result.unreadable, 'file')} that could not be read`);
  }
  if (!result.isComplete) {
    await scene.say('  stopped before the last file because its time was over; see --seconds');
  }
  const chart = renderBars(latencyRows(latency), scene.context.terminal.columns, '    ');
  await scene.say(`  time from put to acknowledged:\n${chart.trimEnd()}`);
}
