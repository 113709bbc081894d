/**
 * A disk that fills up under a store: what fits is acknowledged and kept, what does not is refused
 * with THEMIS_DISK_FULL, reads go on, and so does writing once there is space.
 */
import { assert, codeOf, KiB } from '../../src/base/index.js';
import { type RandomStream, seededRandom } from '../../src/io/index.js';
import { explained, type SweepResult, type SweepSize, Tally } from './engine-sweeps.js';
import {
  bytesOf,
  contentsOf,
  finished,
  type Machine,
  newMachine,
  type OpenedStore,
  openOn,
  powerCut,
  segmentBytes,
} from './memory-machine.js';
import { assertPromised, StoreModel } from './store-model.js';

const filler = '/filler';
const fillerBytes = 512 * KiB;

/** Takes space that somebody else may free again. */
function fill({ files }: Machine): void {
  const handle = files.open(filler, { access: 'read-write', create: true });
  handle.truncate(fillerBytes);
  handle.sync();
  handle.close();
  files.syncDirectory('/');
}

interface Scene {
  readonly machine: Machine;
  readonly model: StoreModel;
  readonly random: RandomStream;
  opened: OpenedStore;
  serial: number;
}

/** One write; says how it ended. A write that was not refused may still wait for space. */
function write(scene: Scene): Promise<string> {
  const key = `key-${scene.random.below(20)}`;
  const value = `${scene.serial++}:${'y'.repeat(scene.random.below(6000))}`;
  const entry = scene.model.call([{ key, value }]);
  const put = async (): Promise<void> => scene.opened.store.put(bytesOf(key), bytesOf(value));
  return put().then(
    () => {
      scene.model.acknowledge(entry);
      return 'acknowledged';
    },
    (error: unknown) => {
      if (codeOf(error) === 'THEMIS_DISK_FULL') scene.model.refuse(entry);
      return codeOf(error) ?? 'untyped';
    },
  );
}

/** Without ticks the log itself runs into the full disk, and writers wait for it. */
async function turn(scene: Scene, ticks: boolean): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (ticks) scene.opened.backend.tick();
  await new Promise((resolve) => setImmediate(resolve));
}

/** Writes until the disk is full; returns what still waits. */
async function fillUp(scene: Scene, ticks: boolean): Promise<Promise<string>[]> {
  const waiting: Promise<string>[] = [];
  for (let i = 0; i < 2000; i++) {
    const outcome = write(scene);
    let answer = '';
    void outcome.then((code) => {
      answer = code;
    });
    await turn(scene, ticks);
    if (answer === '') waiting.push(outcome);
    if (answer === 'THEMIS_DISK_FULL') return waiting;
    assert(answer === '' || answer === 'acknowledged', `a full disk says so, not ${answer}`);
  }
  assert(false, 'the disk fills up');
}

/** What happens after the disk was full. */
export const fullDiskEndings = ['freed', 'closed', 'reopened', 'power cut', 'snapshot'] as const;

async function playOn(
  scene: Scene,
  ending: (typeof fullDiskEndings)[number],
  waiting: readonly Promise<string>[],
): Promise<void> {
  const { machine, model, opened } = scene;
  const tick = (): void => scene.opened.backend.tick();
  if (ending === 'power cut') {
    scene.opened = await openOn(powerCut(machine, 'drop-unsynced'));
  } else if (ending === 'freed') {
    machine.files.unlink(filler);
    await finished(Promise.all(waiting), tick);
  } else {
    if (ending === 'snapshot') await finished(opened.store.takeSnapshot().catch(ignoreFull), tick);
    await finished(opened.store.close().catch(ignoreFull), tick);
    const outcomes = await finished(Promise.all(waiting), tick);
    assert(!outcomes.includes('untyped'), 'who waited is answered');
    if (ending !== 'reopened') machine.files.unlink(filler);
    scene.opened = await openOn(machine);
  }
  model.adopt(await finished(contentsOf(scene.opened.store), tick));
}

function ignoreFull(error: unknown): void {
  assert(codeOf(error)?.startsWith('THEMIS_') === true, `a typed error, not ${String(error)}`);
}

/** Fills disks of `sizes` sizes and goes on in every way; every `step`th size. */
export async function sweepFullDisks(size: SweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  for (let extra = 0; extra < size.operations; extra += size.step ?? 1) {
    for (const ending of fullDiskEndings) {
      const where = `seed ${size.seed}, ${extra} blocks more, ${ending}`;
      const waited = await explained(where, () => play(size, extra, ending));
      tally.count(waited ? `${ending}, writers waited` : ending);
    }
  }
  return tally.result();
}

async function play(
  size: SweepSize,
  extra: number,
  ending: (typeof fullDiskEndings)[number],
): Promise<boolean> {
  const capacity = fillerBytes + 6 * segmentBytes + extra * 4096;
  const machine = newMachine(capacity);
  fill(machine);
  const random = seededRandom(size.seed).stream(`full ${extra}`);
  const opened = await openOn(machine, size.store);
  const scene: Scene = { machine, model: new StoreModel(), random, opened, serial: 0 };
  const waiting = await fillUp(scene, extra % 2 === 0);
  // Reads go on.
  const { acknowledged } = scene.model.promised();
  for (const [key, value] of acknowledged) {
    const found = opened.store.getSync(bytesOf(key));
    assert(found?.toString('latin1') === value, `${key} is read on a full disk`);
  }
  await playOn(scene, ending, waiting);
  const again = Promise.all(Array.from({ length: 5 }, () => write(scene)));
  const tick = (): void => scene.opened.backend.tick();
  if (ending === 'freed' || ending === 'closed' || ending === 'snapshot') {
    const outcomes = (await finished(again, tick)).join();
    assert(/^acknowledged(,acknowledged)*$/.test(outcomes), `writing goes on: ${outcomes}`);
  } else {
    // Still full: whoever waits is answered when the store closes.
    await turn(scene, true);
  }
  await finished(scene.opened.store.close().catch(ignoreFull), tick);
  await finished(again, tick);
  if (ending === 'power cut') return waiting.length > 0;
  const reopened = await openOn(machine);
  assertPromised(await contentsOf(reopened.store), scene.model.promised());
  return waiting.length > 0;
}
