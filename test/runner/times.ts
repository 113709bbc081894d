/**
 * How long each test file took last time, kept in the system's temporary folder, so that the long
 * files start first and no lane ends with one of them. Only the order depends on it.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestFile } from './discover.js';

const cachePath = join(tmpdir(), `themis-test-times-${userInfo().uid}.json`);

/** Files known to be long, for the first run on a machine. */
const longByName = /crash|sweep|scenario|abstract|demo|recovery/;

export function loadTimes(path: string = cachePath): Map<string, number> {
  const times = new Map<string, number>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // Absent on a new machine, or written by hand: the order is all that is lost.
    if (error instanceof SyntaxError || isMissing(error)) return times;
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null) return times;
  for (const [name, ms] of Object.entries(parsed)) {
    if (typeof ms === 'number' && ms >= 0) times.set(name, ms);
  }
  return times;
}

export function saveTimes(times: ReadonlyMap<string, number>, path: string = cachePath): void {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(Object.fromEntries(times)));
  renameSync(aside, path);
}

/** Known times first, longest first; a file never seen counts as long by its name or its size. */
export function longestFirst(files: readonly TestFile[], times: ReadonlyMap<string, number>) {
  const weight = (file: TestFile): number =>
    times.get(file.name) ?? file.bytes / 10 + (longByName.test(file.name) ? 60_000 : 0);
  return [...files].sort((a, b) => weight(b) - weight(a));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
