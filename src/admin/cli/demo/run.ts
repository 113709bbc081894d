/**
 * themis demo: real files, real crashes, real damage, every byte verified.
 *
 *   <root>/db       the store: the engine's folder, nothing else writes there
 *   <root>/ledger   what was acknowledged, kept by the demo: the oracle
 *
 * The root is a temporary folder, removed at the end however the demo ends, unless --keep or --dir
 * says otherwise. The demo damages files on purpose, so it never starts in a folder with content.
 */
import { join } from 'node:path';
import { must, ThemisError } from '../../../base/index.js';
import type { FileSystem } from '../../../io/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-codes.js';
import { dependenciesFolder } from '../package-folder.js';
import { renderPairs } from '../table.js';
import { absolute, throwIfAborted } from '../with-store.js';
import { crashAct } from './crash-act.js';
import { healAct } from './heal-act.js';
import { Ledger } from './ledger.js';
import { readAct } from './read-act.js';
import { rotAct } from './rot-act.js';
import { createScene, headline, now, onStore, type Scene } from './scene.js';
import { storeAct, tellStore } from './store-act.js';
import { type DemoReport, nextSteps, summaryTable, verifiedBytes } from './summary.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, environment } = context;
  const { fileSystem } = environment;
  const source = sourceFolder(context);
  const given = settings.text('dir');
  const root =
    given === null ? temporaryRoot(context) : prepareRoot(fileSystem, absolute(context, given));
  const isKept = given !== null || settings.isOn('keep');
  // What went wrong must be there to be looked at; a folder that Ctrl-C left must not.
  let isFaulty = false;
  try {
    const folder = join(root, 'db');
    const copy = fileSystem.open(join(root, 'ledger'), { access: 'read-write', create: true });
    const ledger = new Ledger(copy);
    const scene = createScene(context, {
      folder,
      source,
      ledger,
      seed: must(settings.number('seed'), '--seed has a default'),
      budgetMs: must(settings.number('seconds'), '--seconds has a default') * 1000,
    });
    try {
      const report = await perform(scene, isKept ? folder : null);
      await tellEnd(scene, report);
    } finally {
      ledger.close();
    }
  } catch (error) {
    isFaulty = exitCodeOf(error) === exitCodes.unhealthy;
    if (isFaulty) context.terminal.note(`themis: the files are kept in ${root}\n`);
    throw error;
  } finally {
    if (!isKept && !isFaulty) fileSystem.removeTree(root);
  }
  return exitCodes.ok;
}

async function perform(scene: Scene, kept: string | null): Promise<DemoReport> {
  const startedAt = now(scene);
  await scene.say(
    `Themis demo: store real files, get killed, rot, lose a device, and heal. Seed ${scene.seed}.`,
  );
  await headline(scene, 1, 'Store');
  const store = await onStore(scene, true, async (opened) => {
    const result = await storeAct(scene, opened);
    throwIfAborted(scene.context.signal);
    await tellStore(scene, result);
    // A first snapshot, so that the one that rots later is not the only one.
    await opened.takeSnapshot();
    return result;
  });
  await headline(scene, 2, 'Crash: a writing process is killed with kill -9, several times');
  const crash = await crashAct(scene);
  await headline(scene, 3, 'Rot: bits flip on the disk while the store is closed');
  const rot = await rotAct(scene);
  const { heal, read } = await onStore(scene, false, async (opened) => {
    await headline(scene, 4, 'Lose: a device is deleted and another rots while clients read');
    const healed = await healAct(scene, opened);
    await headline(scene, 5, 'Read');
    return { heal: healed, read: await readAct(scene, opened) };
  });
  throwIfAborted(scene.context.signal);
  const { seed } = scene;
  const durationMs = now(scene) - startedAt;
  return { seed, durationMs, folder: kept, store, crash, rot, heal, read };
}

async function tellEnd(scene: Scene, report: DemoReport): Promise<void> {
  const { context } = scene;
  const { terminal } = context;
  if (context.isJson) {
    const answer = { verdict: 'ok', verifiedBytes: verifiedBytes(report), ...report };
    await terminal.write(`${JSON.stringify(answer, null, 2)}\n`);
    return;
  }
  await scene.say(`\n${summaryTable(report, terminal.columns).trimEnd()}`);
  await scene.say(`\n${terminal.style.good('Nothing acknowledged was lost.')}`);
  await scene.say(`\nWhat to try next:\n${renderPairs(nextSteps(context, report.folder), '  ')}`);
}

function sourceFolder(context: CommandContext): string {
  const { fileSystem } = context.environment;
  const given = context.settings.text('from');
  const folder = given === null ? dependenciesFolder(fileSystem) : absolute(context, given);
  if (folder === null) {
    throw new ThemisError('THEMIS_USAGE', 'no node_modules was found; name a folder with --from');
  }
  if (fileSystem.stat(folder)?.kind === 'directory') return folder;
  throw new ThemisError('THEMIS_USAGE', `--from ${folder} is no folder; name one with files`);
}

/** A name that was free a moment ago; makeDirectory fails when somebody else was faster. */
function temporaryRoot(context: CommandContext): string {
  const { clock, fileSystem, temporaryFolder } = context.environment;
  for (let attempt = 0; ; attempt++) {
    const name = `themis-demo-${clock.wallMs().toString(36)}-${process.pid}-${attempt}`;
    const path = join(temporaryFolder, name);
    if (fileSystem.stat(path) !== null) continue;
    fileSystem.makeDirectory(path);
    return path;
  }
}

function prepareRoot(fileSystem: FileSystem, path: string): string {
  const found = fileSystem.stat(path);
  if (found === null) {
    fileSystem.makeDirectory(path);
    return path;
  }
  if (found.kind === 'directory' && fileSystem.list(path).length === 0) return path;
  throw new ThemisError(
    'THEMIS_USAGE',
    `${path} is not an empty folder; the demo damages files on purpose, give it a new one`,
  );
}
