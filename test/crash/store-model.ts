/**
 * What a store must hold after anything that happened to it. Writes take effect in the order in
 * which they were called, so what is there after a crash is what a prefix of all writes leaves, and
 * that prefix contains every acknowledged one: newest values, whole batches, and nothing else.
 */
import { assert } from '../../src/base/index.js';

/** Keys and values as text in which each character is a byte. */
export type Contents = ReadonlyMap<string, string>;

export interface Change {
  readonly key: string;
  /** Null deletes. */
  readonly value: string | null;
}

type Command = readonly Change[];

/** What is promised at one moment. */
export interface Promised {
  /** What every acknowledged write leaves. */
  readonly acknowledged: Contents;
  /** Writes that were called and not answered, in order. */
  readonly open: readonly Command[];
}

interface Entry {
  readonly command: Command;
  state: 'open' | 'acknowledged' | 'refused';
}

export class StoreModel {
  #settled = new Map<string, string>();
  #entries: Entry[] = [];

  /** A write is called; the returned entry is answered later. */
  call(command: Command): Entry {
    const entry: Entry = { command, state: 'open' };
    this.#entries.push(entry);
    return entry;
  }

  acknowledge(entry: Entry): void {
    entry.state = 'acknowledged';
  }

  /** The write was refused before anything was done: it must never be there. */
  refuse(entry: Entry): void {
    entry.state = 'refused';
  }

  promised(): Promised {
    const entries = this.#entries.filter(({ state }) => state !== 'refused');
    const last = entries.findLastIndex(({ state }) => state === 'acknowledged');
    for (const { command } of entries.slice(0, last + 1)) apply(this.#settled, command);
    this.#entries = entries.slice(last + 1);
    return {
      acknowledged: new Map(this.#settled),
      open: this.#entries.map(({ command }) => command),
    };
  }

  /** After a crash: what was found is what there is from now on. */
  adopt(found: Contents): void {
    assertPromised(found, this.promised());
    this.#settled = new Map(found);
    this.#entries = [];
  }
}

/** Throws unless `found` is what the acknowledged writes and a prefix of the open ones leave. */
export function assertPromised(found: Contents, promised: Promised): number {
  const expected = new Map(promised.acknowledged);
  for (let taken = 0; ; taken++) {
    if (sameContents(found, expected)) return taken;
    const next = promised.open[taken];
    if (next === undefined) break;
    apply(expected, next);
  }
  assert(false, explainDifference(found, promised));
}

export function apply(contents: Map<string, string>, command: Command): void {
  for (const { key, value } of command) {
    if (value === null) contents.delete(key);
    else contents.set(key, value);
  }
}

export function sameContents(found: Contents, expected: Contents): boolean {
  if (found.size !== expected.size) return false;
  for (const [key, value] of expected) if (found.get(key) !== value) return false;
  return true;
}

function explainDifference(found: Contents, { acknowledged, open }: Promised): string {
  const touched = new Set(open.flatMap((command) => command.map(({ key }) => key)));
  const wrong: string[] = [];
  for (const key of new Set([...acknowledged.keys(), ...found.keys()])) {
    if (touched.has(key) || found.get(key) === acknowledged.get(key)) continue;
    wrong.push(`${key} is ${shown(found.get(key))}, acknowledged ${shown(acknowledged.get(key))}`);
  }
  if (wrong.length === 0) wrong.push('writes that were not answered are there in part');
  return `${wrong.slice(0, 5).join('; ')} (${wrong.length} keys, ${open.length} writes open)`;
}

function shown(value: string | undefined): string {
  return value === undefined ? 'absent' : `${JSON.stringify(value.slice(0, 12))}(${value.length})`;
}
