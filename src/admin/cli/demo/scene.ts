/** What the acts of the demo share. */
import { ThemisError } from '../../../base/index.js';
import type { CommandContext } from '../command.js';
import { engineOptions } from '../engine-flags.js';
import { type Progress, startProgress } from '../progress.js';
import type { Store } from '../store.js';
import { bytesText, countText, durationText, plural, throughputText } from '../units-text.js';
import { throwIfAborted } from '../with-store.js';
import type { Ledger, Verification } from './ledger.js';

export interface Scene {
  readonly context: CommandContext;
  /** Where the engine lives. */
  readonly folder: string;
  /** Where the files come from. */
  readonly source: string;
  readonly ledger: Ledger;
  readonly seed: number;
  /** For the whole demo, in milliseconds; each act takes its share. */
  readonly budgetMs: number;
  /** Writes a line for people; nothing with -o json. */
  say(line: string): Promise<void>;
  progress(label: string): Progress;
}

export function createScene(
  context: CommandContext,
  parts: Pick<Scene, 'folder' | 'source' | 'ledger' | 'seed' | 'budgetMs'>,
): Scene {
  const { terminal, environment } = context;
  const say = async (line: string): Promise<void> => {
    throwIfAborted(context.signal);
    if (!context.isJson) await terminal.write(`${line}\n`);
  };
  return {
    context,
    ...parts,
    say,
    progress(label) {
      const progress = startProgress(terminal, environment.clock, label);
      return {
        ...progress,
        finish: async (line) => {
          progress.clear();
          await say(`  ${line}`);
        },
      };
    },
  };
}

export async function headline(scene: Scene, number: number, title: string): Promise<void> {
  await scene.say(`\n${scene.context.terminal.style.bold(`${number}. ${title}`)}`);
}

export function now(scene: Scene): number {
  return scene.context.environment.clock.monotonicMs();
}

/** Lets others work for a while. */
export function pause(scene: Scene, ms: number): Promise<void> {
  return new Promise((resolve) => {
    scene.context.environment.timers.after(ms, resolve);
  });
}

export function openScene(scene: Scene, createIfMissing: boolean): Promise<Store> {
  throwIfAborted(scene.context.signal);
  const engine = engineOptions(scene.context.settings);
  return scene.context.environment.openStore(scene.folder, { createIfMissing, engine });
}

/** Opens the store, runs something on it, and closes it whatever happens. */
export async function onStore<T>(
  scene: Scene,
  createIfMissing: boolean,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openScene(scene, createIfMissing);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Compares everything in the store with the ledger; throws when one byte differs. */
export async function verifyAll(scene: Scene, store: Store): Promise<Verification> {
  const progress = scene.progress('Verifying');
  const { ledger } = scene;
  const expected = Math.max(1, ledger.size);
  const verification = await ledger.verify(
    store,
    () => now(scene),
    (keys, bytes) => {
      throwIfAborted(scene.context.signal);
      progress.update(keys / expected, () => `${countText(keys)} keys, ${bytesText(bytes)}`);
    },
  );
  progress.clear();
  const first = verification.faults[0];
  if (first !== undefined) {
    throw new ThemisError(
      'THEMIS_STATE_CORRUPT',
      `the demo found what must not happen: ${verification.faults.join('; ')}; ` +
        `please report it with the folder and --seed ${scene.seed}`,
    );
  }
  return verification;
}

/** `verified 56,012 keys, 180 MiB against the ledger in 1.2 s (150 MiB/s): every byte is there`. */
export function verifiedText(scene: Scene, verification: Verification): string {
  const { keys, bytes, durationMs } = verification;
  const { style } = scene.context.terminal;
  const what = `${plural(keys, 'key')}, ${bytesText(bytes)}`;
  const speed = throughputText(bytes, durationMs);
  const verdict = style.good('every acknowledged byte is there');
  return `verified ${what} in ${durationText(durationMs)} (${speed}): ${verdict}`;
}
