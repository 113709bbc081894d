/**
 * The engine's options as flags of the commands that open a store, made from the engine's own
 * table: an option that is added there is a flag here.
 */
import {
  type Option,
  optionTable,
  rangeText,
  redundancyInWords,
  redundancyOf,
} from '../../config/index.js';
import type { Flag, FlagValue } from './flag.js';
import type { Settings } from './settings.js';

/** Decided by the commands themselves, or without a meaning on a command line. */
const left: ReadonlySet<string> = new Set([
  'location',
  'createIfMissing',
  'errorIfExists',
  'keyEncoding',
  'valueEncoding',
  'passive',
]);

const options = optionTable.filter(({ name }) => !left.has(name));

export const engineFlags: readonly Flag[] = options.map(flagOf);

const decidedByDemo: ReadonlySet<string> = new Set([
  'devices',
  'spares',
  'redundancy',
  'redundancyByPrefix',
  'inlineBytesMax',
]);

/** Those of the demo: it deletes a device, so it never gets to know anybody's. */
export const demoEngineFlags: readonly Flag[] = engineFlags.filter(
  ({ key }) => !decidedByDemo.has(key),
);

/** The options to open a store with: those that were given; the engine knows its defaults. */
export function engineOptions(settings: Settings): Readonly<Record<string, FlagValue>> {
  const given: Record<string, FlagValue> = {};
  for (const { name } of options) {
    const value = settings.value(name);
    if (value !== null) given[name] = value;
  }
  return given;
}

function flagOf({ name, range, help, default: fallback }: Option): Flag {
  const shown = fallback === null ? '' : ` (default: ${defaultText(range.kind, fallback)})`;
  const base = { key: name, description: help + shown, group: 'The engine:' };
  switch (range.kind) {
    case 'boolean':
      return { ...base, kind: 'switch' };
    case 'choice':
      return { ...base, kind: 'choice', choices: range.choices };
    case 'bytes':
      return { ...base, kind: 'size', min: range.min, max: range.max };
    case 'integer': {
      const { min, max } = range;
      return { ...base, kind: 'number', placeholder: 'n', isWhole: true, min, max };
    }
    case 'paths':
      return { ...base, kind: 'text', placeholder: 'folder,folder' };
    case 'redundancy':
    case 'redundancyByPrefix':
    case 'text':
    case 'encoding':
      return { ...base, kind: 'text', placeholder: 'text' };
  }
}

/** Sizes in the unit in which they are given: the table prints its own ranges that way. */
function defaultText(kind: Option['range']['kind'], fallback: unknown): string {
  const redundancy = kind === 'redundancy' ? redundancyOf(fallback) : null;
  if (redundancy !== null) return redundancyInWords(redundancy);
  if (kind !== 'bytes') return String(fallback);
  const bytes = Number(fallback);
  return rangeText({ kind, min: bytes, max: bytes }).split(' to ')[0] ?? String(bytes);
}
