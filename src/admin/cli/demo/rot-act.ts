/** Act 3: bits rot in the applied state and in the newest snapshot; both must be noticed. */
import { relative } from 'node:path';
import { must } from '../../../base/index.js';
import { durationText } from '../units-text.js';
import { type Damage, filesLike, flipBit } from './damage.js';
import { now, onStore, openScene, type Scene, verifiedText, verifyAll } from './scene.js';

export interface RotResult {
  readonly damages: number;
  /** How many of them the open noticed; what it did not notice did no harm, as the rest proves. */
  readonly noticed: number;
  readonly repairs: readonly string[];
  readonly verifiedBytes: number;
}

/** Where LevelDB and the log keep what is damaged, below the store's folder. */
const stateFolder = 'state';
const snapshotFolder = 'snapshots';

export async function rotAct(scene: Scene): Promise<RotResult> {
  const startedAt = now(scene);
  await onStore(scene, false, (store) => store.takeSnapshot());
  await scene.say(`  took a snapshot of the state in ${durationText(now(scene) - startedAt)}`);
  const damages = damage(scene);
  for (const one of damages) await scene.say(`  ${damageText(scene, one)}`);
  const store = await openScene(scene, false);
  try {
    const { recovery } = await store.status();
    const { style } = scene.context.terminal;
    const took = durationText(recovery.durationMs);
    await scene.say(`  reopened in ${took}; ${style.good('noticed and repaired')}:`);
    for (const repair of recovery.repairs) await scene.say(`    - ${repair}`);
    const verification = await verifyAll(scene, store);
    await scene.say(`  ${verifiedText(scene, verification)}`);
    const { repairs, isStateRebuilt, filesSetAside } = recovery;
    const noticed = (isStateRebuilt ? 1 : 0) + Math.min(1, filesSetAside);
    return { damages: damages.length, noticed, repairs, verifiedBytes: verification.bytes };
  } finally {
    await store.close();
  }
}

/** One bit in the largest table of LevelDB (its log when there is none), one in the snapshot. */
function damage(scene: Scene): Damage[] {
  const { fileSystem, random } = scene.context.environment;
  const stream = random(scene.seed).stream('rot');
  const inState = filesLike(fileSystem, `${scene.folder}/${stateFolder}`, /^\d+\.(?:ldb|sst)$/);
  const logs = filesLike(fileSystem, `${scene.folder}/${stateFolder}`, /^\d+\.log$/);
  const table = must(inState[0] ?? logs[0], 'a closed store has a table or a log in its state');
  const snapshots = filesLike(fileSystem, `${scene.folder}/${snapshotFolder}`, /\.snapshot$/);
  // Their names are their indexes in hexadecimal: the newest is the last.
  const newest = must(
    snapshots.toSorted((a, b) => (a.path < b.path ? 1 : -1))[0],
    'a snapshot was taken',
  );
  return [table, newest].map(({ path, bytes }) => {
    // The first half of a table is data; its index and footer lie at the end.
    return flipBit(fileSystem, path, { from: 0, to: Math.ceil(bytes / 2) }, stream);
  });
}

function damageText(scene: Scene, { path, position, before, after }: Damage): string {
  const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;
  return `flipped one bit of ${relative(scene.folder, path)}: byte ${position}, ${hex(before)} -> ${hex(after)}`;
}
