/** What a command declares, and what it is given when it runs. */
import type { Clock, FileSystem, Random, Timers } from '../../io/index.js';
import type { ExitCode } from './exit-codes.js';
import type { Flag } from './flag.js';
import type { Settings } from './settings.js';
import type { OpenStore } from './store.js';
import type { Terminal } from './terminal.js';

export interface CommandArgument {
  readonly name: string;
  readonly description: string;
  readonly isOptional: boolean;
  /** The only words allowed, if there are any. */
  readonly choices?: readonly string[];
}

export interface CommandExample {
  readonly line: string;
  readonly what: string;
}

/**
 * A command as data. Nothing of its implementation is loaded before it runs, so that `--help`
 * starts no engine.
 */
export interface Command {
  /** The words that call it: `['get']`; later nouns and verbs, `['object', 'put']`. */
  readonly path: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** One paragraph: what it does and why one would want it. */
  readonly about: string;
  readonly arguments: readonly CommandArgument[];
  readonly flags: readonly Flag[];
  readonly examples: readonly CommandExample[];
  /** The codes it can end with, besides 130. */
  readonly exits: readonly ExitCode[];
  /** Left out of help; the command line calls it itself. */
  readonly isHidden?: boolean;
  load(): Promise<RunCommand>;
}

export type RunCommand = (context: CommandContext) => Promise<ExitCode>;

export interface CommandContext {
  /** By the command's `arguments`; an optional one that was not given is missing at the end. */
  readonly words: readonly string[];
  readonly command: Command;
  readonly settings: Settings;
  readonly isJson: boolean;
  readonly terminal: Terminal;
  /** Fires on Ctrl-C: unwind, clean up, throw THEMIS_ABORTED. */
  readonly signal: AbortSignal;
  readonly environment: CommandEnvironment;
}

/** Everything outside the process that a command may touch. */
export interface CommandEnvironment {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly fileSystem: FileSystem;
  /** A seeded family of random streams. */
  readonly random: (seed: number) => Random;
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly openStore: OpenStore;
  readonly workingFolder: string;
  readonly temporaryFolder: string;
  /** The program and first words that start this command line again, for child processes. */
  readonly self: readonly [program: string, ...words: string[]];
  /** Whether it was started by its name, as a package manager installs it. */
  readonly isInstalledCommand: boolean;
  /** The folder of this package. */
  readonly packageFolder: string;
}
