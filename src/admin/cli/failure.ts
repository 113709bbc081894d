/** How an error that ends a command is shown: one line, or one JSON object. */
import { codeOf, messageOf } from '../../base/index.js';
import type { ExitCode } from './exit-codes.js';

/** `themis: <code>: <message>`, on one line whatever the message holds. */
export function failureLine(error: unknown): string {
  const code = codeOf(error);
  const message = explained(error)
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return code === undefined ? `themis: ${message}\n` : `themis: ${code}: ${message}\n`;
}

/** Errors that only wrap another one say nothing by themselves: the cause is added. */
function explained(error: unknown): string {
  const message = messageOf(error);
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error) || message.includes(cause.message)) return message;
  return `${message}: ${cause.message}`;
}

export function failureJson(error: unknown, exitCode: ExitCode): string {
  const code = codeOf(error) ?? null;
  return `${JSON.stringify({ error: { code, message: explained(error), exitCode } })}\n`;
}

/** The stack and those of its causes, for `--debug`. */
export function failureStack(error: unknown): string {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    lines.push(`${depth === 0 ? '' : 'caused by '}${current.stack ?? String(current)}`);
    current = current.cause;
  }
  return `${lines.join('\n')}\n`;
}
