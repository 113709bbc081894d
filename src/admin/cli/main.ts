#!/usr/bin/env node
/**
 * The `themis` program: connects the command line to this process. Entry of the folder admin.
 *
 * Invariants: results go to stdout and nothing else does; every way to fail has an exit code and
 * one line on stderr; whatever a command opens or starts, it closes or ends, Ctrl-C included.
 *
 * May import: everything below admin (base to slo). Nothing imports it.
 */
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { nodeClock, nodeFileSystem, nodeTimers, seededRandom } from '../../io/index.js';
import type { CommandEnvironment } from './command.js';
import { commands } from './commands.js';
import { exitCodes } from './exit-codes.js';
import { failureLine } from './failure.js';
import { packageFolder, packageVersion } from './package-folder.js';
import { runProgram } from './program.js';
import type { StoreOptions } from './store.js';
import { tolerateBrokenPipe } from './terminal.js';

const fileSystem = nodeFileSystem();

const environment: CommandEnvironment = {
  clock: nodeClock(),
  timers: nodeTimers(),
  fileSystem,
  random: seededRandom,
  // Read at its first use: a command that needs no input must not touch a closed stdin.
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  openStore: async (folder: string, options: StoreOptions) =>
    (await import('./engine-store.js')).openEngineStore(folder, options),
  workingFolder: process.cwd(),
  temporaryFolder: tmpdir(),
  self: [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)],
  packageFolder: packageFolder(fileSystem),
  isInstalledCommand: /[\\/]\.bin[\\/]/.test(process.argv[1] ?? ''),
};

/** A second signal ends the process at once: whoever repeats it does not want to wait. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      controller.abort();
    });
  }
  return controller.signal;
}

for (const stream of [process.stdout, process.stderr]) {
  tolerateBrokenPipe(stream, (error) => {
    process.stderr.write(failureLine(error));
    process.exitCode = exitCodes.failure;
  });
}

const exitCode = await runProgram({
  words: process.argv.slice(2),
  commands,
  environment,
  streams: { stdout: process.stdout, stderr: process.stderr, env: process.env },
  signal: interruptible(),
  version: packageVersion(fileSystem),
});
process.exitCode ??= exitCode;
if (process.exitCode === exitCodes.ok) process.exitCode = exitCode;
