/** Runs another command of this program in a child process and waits for what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CommandContext } from './command.js';
import { throwIfAborted } from './with-store.js';

export interface ChildOutput {
  readonly output: string;
  /** What it wrote to stderr, trimmed. */
  readonly errors: string;
  readonly exitCode: number | null;
}

/** For work that blocks its thread. Ctrl-C kills the child and throws THEMIS_ABORTED. */
export async function runSelf(
  context: Pick<CommandContext, 'environment' | 'signal'>,
  words: readonly string[],
): Promise<ChildOutput> {
  throwIfAborted(context.signal);
  const [program, ...first] = context.environment.self;
  const child = spawn(program, [...first, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  context.signal.addEventListener('abort', kill, { once: true });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  try {
    await once(child, 'close');
  } finally {
    context.signal.removeEventListener('abort', kill);
  }
  throwIfAborted(context.signal);
  return {
    output: Buffer.concat(output).toString('utf8'),
    errors: Buffer.concat(errors).toString('utf8').trim(),
    exitCode: child.exitCode,
  };
}
