/**
 * Sweeps of damage to a store that was closed: its log cut at every byte of its end, a bit flipped
 * in every sector of every file, its state gone or broken. Each case is tried with the state as it
 * was, with what of it was synced, and without it. The outcome is everything that was acknowledged,
 * or a typed error.
 */
import { assert, must, ThemisError } from '../../src/base/index.js';
import { type RandomStream, seededRandom } from '../../src/io/index.js';
import {
  closedStore,
  explained,
  type SweepResult,
  type SweepSize,
  Tally,
} from './engine-sweeps.js';
import {
  bytesOf,
  codeOfFailure,
  contentsOf,
  finished,
  location,
  type Machine,
  newMachine,
  openOn,
  statePath,
} from './memory-machine.js';
import { assertPromised, type Contents } from './store-model.js';
import { StoreWorkload } from './store-workload.js';

/** Conditions of the state that damage to the files meets. */
export const stateConditions = ['state kept', 'state gone'] as const;

/** Everything, or a typed error at opening. */
async function judge(machine: Machine, contents: Contents): Promise<string> {
  const opening = openOn(machine);
  const code = await codeOfFailure(opening);
  if (code !== null) {
    assert(code !== 'THEMIS_ASSERTION', 'damage is no defect of Themis');
    return `refused ${code}`;
  }
  const spares = machine.files.paths().filter((path) => path.includes('/spare-'));
  const { store, backend } = await opening;
  const promised = { acknowledged: contents, open: [] };
  assertPromised(await contentsOf(store), promised);
  const { recovery } = store.status();
  await store.put(bytesOf('one more'), bytesOf('it goes on'));
  await store.delete(bytesOf('one more'));
  await finished(store.close(), () => backend.tick());
  const used = spares.some((path) => !machine.files.paths().includes(path));
  const reopening = openOn(machine);
  // A spare that rotted is damage only once it is a segment.
  const later = used ? await codeOfFailure(reopening) : null;
  if (later !== null) return `refused ${later} when a spare was used`;
  const again = await reopening;
  assertPromised(await contentsOf(again.store), promised);
  await finished(again.store.close(), () => again.backend.tick());
  if (recovery.damages.length > 0) return 'proved unneeded';
  if (recovery.setAside.length > 0) return 'set aside';
  if (recovery.rebuilt !== null) return 'rebuilt';
  return 'as before';
}

function conditioned(machine: Machine, condition: (typeof stateConditions)[number]): Machine {
  const stores = machine.stores.crashed((_path, unsynced) => unsynced);
  if (condition === 'state gone') stores.remove(statePath);
  return { ...machine, files: machine.files.clone(), stores };
}

/** Tries one damage in each condition of the state. */
async function tryDamage(
  tally: Tally,
  { machine, contents }: { machine: Machine; contents: Contents },
  damage: (machine: Machine) => string,
): Promise<void> {
  for (const condition of stateConditions) {
    const damaged = conditioned(machine, condition);
    const what = damage(damaged);
    await explained(`${what}, ${condition}`, async () => {
      tally.count(`${condition}: ${await judge(damaged, contents)}`);
    });
  }
}

/** Segments by sequence, oldest first. */
function segmentsOf({ files }: Machine): string[] {
  return files.paths().filter((path) => path.endsWith('.wal'));
}

/** Offset behind the last byte that is not zero. */
function dataEnd(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

/** The file with the log's end loses its last bytes, one more at every `step`th try. */
export async function sweepLogCuts(size: SweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const closed = await closedStore(size);
  const files = segmentsOf(closed.machine).reverse();
  let left = 64 * 1024;
  for (const [i, path] of files.entries()) {
    const end = dataEnd(closed.machine.files.bytesOf(path));
    const lowest = Math.max(0, end - left);
    for (let at = end; at >= lowest; at -= size.step ?? 1) {
      await tryDamage(tally, closed, ({ files: damaged }) => {
        for (const later of files.slice(0, i)) damaged.unlink(later);
        const handle = damaged.open(path, { access: 'read-write' });
        handle.truncate(at);
        handle.sync();
        handle.close();
        return `seed ${size.seed}, cut at ${path}:${at}`;
      });
    }
    left -= end - lowest;
    if (left <= 0) break;
  }
  return tally.result();
}

/** One bit is flipped in every `step`th sector of every file; the sectors of zeros count, too. */
export async function sweepBitFlips(size: SweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const closed = await closedStore(size);
  const random = seededRandom(size.seed).stream('flip');
  const { files } = closed.machine;
  let sectors = 0;
  for (const path of files.paths()) {
    const bytes = files.stat(path)?.bytes ?? 0;
    for (let at = 0; at < bytes; at += 512) {
      if (sectors++ % (size.step ?? 1) !== 0) continue;
      const place = placeIn(at, bytes, random);
      await tryDamage(tally, closed, (machine) => {
        machine.files.flipBit(path, place.offset, place.bit);
        return `seed ${size.seed}, bit ${place.bit} of ${path}:${place.offset}`;
      });
    }
  }
  return tally.result();
}

function placeIn(at: number, bytes: number, random: RandomStream) {
  const offset = at + random.below(Math.min(512, bytes - at));
  return { offset, bit: random.below(8) };
}

/**
 * Every file alone is missing, and all segments are. Without its state, a log that lost its end as
 * a whole file looks like one that ended there; that takes two faults, and only one is tried.
 */
export async function sweepMissingFiles(size: SweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const { machine, contents } = await closedStore(size);
  const segments = segmentsOf(machine);
  for (const paths of [segments, ...machine.files.paths().map((path) => [path])]) {
    const damaged = conditioned(machine, 'state kept');
    for (const path of paths) damaged.files.unlink(path);
    await explained(`seed ${size.seed}, without ${paths.join(', ')}`, async () => {
      tally.count(await judge(damaged, contents));
    });
  }
  return tally.result();
}

/**
 * One bit of the newest snapshot is flipped, and the state is gone: the log reaches back to the
 * snapshot before. Every `step`th sector.
 */
export async function sweepDamagedSnapshots(size: SweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const machine = newMachine();
  const workload = new StoreWorkload(machine, machine.files, size);
  await workload.run();
  const promised = workload.model.promised().acknowledged;
  const opened = await openOn(machine);
  const contents = new Map(promised);
  for (let i = 0; i < 30; i++) {
    await opened.store.put(bytesOf('after'), bytesOf(`${i}:${'x'.repeat(5000)}`));
    contents.set('after', `${i}:${'x'.repeat(5000)}`);
    // Between the snapshots lie more records than one segment holds.
    if (i % 14 === 13) await opened.store.takeSnapshot();
  }
  await finished(opened.store.close(), () => opened.backend.tick());
  const newest = machine.files.paths().findLast((path) => path.endsWith('.snapshot'));
  const path = must(newest, 'a snapshot was taken');
  const random = seededRandom(size.seed).stream('flip');
  const bytes = machine.files.stat(path)?.bytes ?? 0;
  for (let at = 0; at < bytes; at += 512 * (size.step ?? 1)) {
    const { offset, bit } = placeIn(at, bytes, random);
    const damaged = conditioned(machine, 'state gone');
    damaged.files.flipBit(path, offset, bit);
    await explained(`seed ${size.seed}, bit ${bit} of ${path}:${offset}`, async () => {
      tally.count(await judge(damaged, contents));
    });
  }
  return tally.result();
}

/** A state that loses the batches it had not synced, from the last one only to all of them. */
export async function sweepLostState(size: SweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const { machine, contents } = await closedStore(size);
  const most = machine.stores.unsynced(statePath);
  for (let kept = 0; kept <= most; kept += size.step ?? 1) {
    const stores = machine.stores.crashed((_path, unsynced) => Math.min(kept, unsynced));
    await explained(`seed ${size.seed}, ${kept} of ${most} batches kept`, async () => {
      const { store, backend } = await openOn({ ...machine, files: machine.files.clone(), stores });
      assertPromised(await contentsOf(store), { acknowledged: contents, open: [] });
      const { replayedRecords, rebuilt } = store.status().recovery;
      tally.count(rebuilt !== null ? 'rebuilt' : replayedRecords > 0 ? 'applied again' : 'whole');
      await finished(store.close(), () => backend.tick());
    });
  }
  return tally.result();
}

/** What can befall the state alone; it is always rebuilt from snapshot and log. */
const stateDamages: Readonly<Record<string, (machine: Machine) => void>> = {
  gone: ({ stores }) => stores.remove(statePath),
  unreadable: ({ stores }) => {
    const message = 'The MANIFEST is damaged.';
    stores.refuse(statePath, new ThemisError('THEMIS_STATE_CORRUPT', message));
  },
};

export async function sweepStateDamage(size: SweepSize): Promise<SweepResult> {
  const tally = new Tally(size);
  const { machine, contents } = await closedStore(size);
  for (const [what, damage] of Object.entries(stateDamages)) {
    const damaged = conditioned(machine, 'state kept');
    damage(damaged);
    await explained(`seed ${size.seed}, state ${what} of ${location}`, async () => {
      const outcome = await judge(damaged, contents);
      assert(outcome === 'rebuilt', `the state is rebuilt, not ${outcome}`);
      tally.count(`state ${what}: ${outcome}`);
    });
  }
  return tally.result();
}
