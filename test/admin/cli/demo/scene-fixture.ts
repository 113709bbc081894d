/** A scene over memory, for the tests of single acts. */
import type { CommandContext } from '../../../../src/admin/cli/command.js';
import { commands } from '../../../../src/admin/cli/commands.js';
import { Ledger } from '../../../../src/admin/cli/demo/ledger.js';
import { createScene, type Scene } from '../../../../src/admin/cli/demo/scene.js';
import { Settings } from '../../../../src/admin/cli/settings.js';
import { createTerminal } from '../../../../src/admin/cli/terminal.js';
import { must } from '../../../../src/base/index.js';
import { nodeClock, nodeTimers, seededRandom } from '../../../../src/io/index.js';
import { Capture, Machine } from '../in-process.js';

export interface SceneFixture {
  readonly scene: Scene;
  readonly machine: Machine;
  readonly out: Capture;
}

export interface SceneOptions {
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  readonly self?: CommandContext['environment']['self'];
}

/** Files come from `/from`, the store lies in `/work/db`, the ledger's copy in `/work/ledger`. */
export function sceneFixture(options: SceneOptions = {}): SceneFixture {
  const machine = new Machine();
  machine.files.makeDirectory('/from');
  const out = new Capture();
  const terminal = createTerminal({ stdout: out, stderr: new Capture(), env: {} }, false);
  const context: CommandContext = {
    words: [],
    command: must(commands[0], 'a command'),
    settings: new Settings(new Map()),
    isJson: false,
    terminal,
    signal: options.signal ?? new AbortController().signal,
    environment: {
      clock: nodeClock(),
      timers: nodeTimers(),
      fileSystem: machine.files,
      random: seededRandom,
      stdin: (async function* () {})(),
      env: {},
      openStore: machine.stores.open,
      workingFolder: '/work',
      temporaryFolder: '/tmp',
      self: options.self ?? [process.execPath, '/work/main.js'],
      isInstalledCommand: false,
      packageFolder: '/package',
    },
  };
  const copy = machine.files.open('/work/ledger', { access: 'read-write', create: true });
  const scene = createScene(context, {
    folder: '/work/db',
    source: '/from',
    ledger: new Ledger(copy),
    seed: 1,
    budgetMs: options.budgetMs ?? 10_000,
  });
  return { scene, machine, out };
}
