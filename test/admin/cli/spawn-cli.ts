/** Runs the real program in a process of its own, in a temporary folder that is removed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../../src/admin/cli/main.js', import.meta.url));

export interface CliResult {
  readonly exit: number | null;
  readonly out: string;
  readonly outBytes: Buffer;
  readonly err: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
}

/**
 * Variables of the person who runs the tests must not decide what they see. Small segments, because
 * each open of a new folder fills some of them with zeros.
 */
function cleanEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('THEMIS_'));
  return { ...Object.fromEntries(own), THEMIS_SEGMENT_BYTES: '8MiB', ...extra };
}

export function startCli(words: readonly string[], options: CliOptions): ChildProcess {
  const stdin = options.stdin === undefined ? 'ignore' : 'pipe';
  const child = spawn(process.execPath, [program, ...words], {
    cwd: options.cwd,
    env: cleanEnvironment(options.env ?? {}),
    stdio: [stdin, 'pipe', 'pipe'],
  });
  child.stdin?.end(options.stdin);
  return child;
}

export async function runCli(words: readonly string[], options: CliOptions): Promise<CliResult> {
  return finished(startCli(words, options));
}

export async function finished(child: ChildProcess): Promise<CliResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  await once(child, 'close');
  const outBytes = Buffer.concat(out);
  return {
    exit: child.exitCode,
    out: outBytes.toString('utf8'),
    outBytes,
    err: Buffer.concat(err).toString('utf8'),
  };
}

/** A new folder, removed when the process ends. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-cli-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
