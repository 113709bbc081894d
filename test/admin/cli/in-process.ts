/** Runs command lines inside the test's process, over memory: streams, files, stores, clock. */
import { Writable } from 'node:stream';
import type { Command } from '../../../src/admin/cli/command.js';
import { commands } from '../../../src/admin/cli/commands.js';
import type { ExitCode } from '../../../src/admin/cli/exit-codes.js';
import { runProgram } from '../../../src/admin/cli/program.js';
import {
  ManualClock,
  MemoryFileSystem,
  memoryTimers,
  seededRandom,
} from '../../../src/io/index.js';
import { MemoryStores } from './memory-store.js';

/** Collects what is written; `tty` makes it look like a terminal of so many columns. */
export class Capture extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly #chunks: Buffer[] = [];

  constructor(tty: number | null = null) {
    super();
    this.isTTY = tty !== null;
    this.columns = tty ?? 0;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }
}

export interface Outcome {
  readonly exit: ExitCode;
  readonly out: string;
  readonly outBytes: Buffer;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: readonly string[];
  readonly tty?: number;
  readonly commands?: readonly Command[];
  readonly signal?: AbortSignal;
}

/** A machine in memory that outlives single command lines. `/work` is where they are started. */
export class Machine {
  readonly files = new MemoryFileSystem();
  readonly stores = new MemoryStores(this.files);
  readonly clock = new ManualClock();

  constructor() {
    this.files.makeDirectory('/work');
    this.files.makeDirectory('/tmp');
  }

  write(path: string, text: string | Uint8Array): void {
    const bytes = Buffer.from(text as string);
    const handle = this.files.open(path, { access: 'read-write', create: true });
    handle.write(bytes, 0, bytes.length, 0);
    handle.close();
  }

  async run(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const stdout = new Capture(options.tty ?? null);
    const stderr = new Capture(options.tty ?? null);
    const env = options.env ?? {};
    const chunks = (options.stdin ?? []).map((text) => Buffer.from(text));
    const exit = await runProgram({
      words,
      commands: options.commands ?? commands,
      version: '1.2.3',
      signal: options.signal ?? new AbortController().signal,
      streams: { stdout, stderr, env },
      environment: {
        clock: this.clock,
        timers: memoryTimers(this.clock),
        fileSystem: this.files,
        random: seededRandom,
        stdin: Object.assign(
          (async function* () {
            yield* chunks;
          })(),
          { isTTY: options.stdin === undefined },
        ),
        env,
        openStore: this.stores.open,
        workingFolder: '/work',
        temporaryFolder: '/tmp',
        self: ['/nowhere/node', '/work/main.js'],
        isInstalledCommand: false,
        packageFolder: '/package',
      },
    });
    return { exit, out: stdout.text, outBytes: stdout.bytes, err: stderr.text };
  }
}
