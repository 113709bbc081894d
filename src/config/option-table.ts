/**
 * Every option of the public API in one table, from which validation, the environment's names, the
 * command line's help and the documentation are made.
 */
import { GiB, KiB, MiB } from '../base/index.js';
import { environmentPrefix } from './environment.js';
import * as limits from './limits.js';
import { prefixesText, redundancyText } from './redundancy-option.js';

/** What values an option takes. */
export type OptionRange =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text' }
  /** An encoding's name, or an object in the shape that abstract-level takes. */
  | { readonly kind: 'encoding' }
  /** Folders: a list, or one text with commas between them. */
  | { readonly kind: 'paths'; readonly max: number }
  /** See redundancy-option.ts. */
  | { readonly kind: 'redundancy' | 'redundancyByPrefix' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | {
      readonly kind: 'integer' | 'bytes';
      readonly min: number;
      readonly max: number;
      readonly multipleOf?: number;
      readonly powerOfTwo?: boolean;
    };

export type OptionValue = string | number | boolean | object;

export interface Option {
  readonly name: OptionName;
  readonly range: OptionRange;
  /** Null: absent unless given. */
  readonly default: OptionValue | null;
  /** Name of the environment variable. */
  readonly environment: string;
  /** One line. */
  readonly help: string;
}

const rows = {
  location: {
    range: { kind: 'text' },
    default: null,
    help: 'folder that holds the data',
  },
  createIfMissing: {
    range: { kind: 'boolean' },
    default: true,
    help: 'create the folder when there is none',
  },
  errorIfExists: {
    range: { kind: 'boolean' },
    default: false,
    help: 'refuse a folder that exists already',
  },
  keyEncoding: {
    range: { kind: 'encoding' },
    default: null,
    help: 'encoding of keys, as in abstract-level (utf8 when absent)',
  },
  valueEncoding: {
    range: { kind: 'encoding' },
    default: null,
    help: 'encoding of values, as in abstract-level (utf8 when absent)',
  },
  passive: {
    range: { kind: 'boolean' },
    default: false,
    help: 'wait for open() instead of opening at the next tick, as in abstract-level',
  },
  durability: {
    range: { kind: 'choice', choices: ['sync', 'buffered'] },
    default: 'sync',
    help: `sync: acknowledged is on disk; buffered: a crash may lose ${limits.bufferedSyncMs} ms`,
  },
  syncMode: {
    range: { kind: 'choice', choices: ['auto', 'direct', 'dsync', 'fdatasync'] },
    default: 'auto',
    help: 'how the log reaches the disk; auto takes the fastest that the file system knows',
  },
  kernel: {
    range: {
      kind: 'choice',
      choices: [
        'addon',
        'addon/vpclmulqdq',
        'addon/sse42',
        'addon/neon',
        'addon/scalar',
        'portable',
        'naive',
      ],
    },
    default: null,
    help: 'force one implementation of the checksums; absent takes the best',
  },
  coder: {
    range: {
      kind: 'choice',
      choices: [
        'addon',
        'addon/gfni512',
        'addon/gfni256',
        'addon/avx2',
        'addon/ssse3',
        'addon/neon',
        'addon/scalar',
        'wasm',
        'portable',
        'naive',
      ],
    },
    default: null,
    help: 'force one implementation of the erasure coding; absent takes the best',
  },
  recovery: {
    range: { kind: 'choice', choices: ['refuse', 'accept-loss'] },
    default: 'refuse',
    help: 'damaged log: refuse to open, or cut it there and keep the rest aside',
  },
  cacheBytes: {
    range: { kind: 'bytes', min: 1 * MiB, max: 64 * GiB },
    default: 64 * MiB,
    help: 'memory for blocks of the state that were read',
  },
  computeThreads: {
    range: { kind: 'integer', min: 1, max: 64 },
    default: 2,
    help: 'threads for snapshots, audits and other arithmetic',
  },
  segmentBytes: {
    range: { kind: 'bytes', min: 64 * KiB, max: 1 * GiB, multipleOf: 64 * KiB },
    default: limits.segmentBytes,
    help: 'size of one file of the log',
  },
  ringBytes: {
    // The smallest power of two that holds the longest command wherever it wraps.
    range: { kind: 'bytes', min: 64 * MiB, max: 1 * GiB, powerOfTwo: true },
    default: limits.ringBytes,
    help: 'memory for writes that are not applied yet',
  },
  snapshotLogBytes: {
    range: { kind: 'bytes', min: 64 * KiB, max: 1024 * GiB },
    default: limits.snapshotLogBytes,
    help: 'log after which a snapshot is taken, so that the log before it can go',
  },
  devices: {
    range: { kind: 'paths', max: limits.devicesMax },
    default: null,
    help: 'folders for large values, best a drive each (six in the data folder when absent)',
  },
  spares: {
    range: { kind: 'paths', max: limits.devicesMax },
    default: null,
    help: 'empty folders that take the place of devices that fail',
  },
  redundancy: {
    range: { kind: 'redundancy' },
    default: { mode: 'PARITY', data: 4, parity: 2 },
    help: 'of large values: data+parity fragments, MIRROR:copies, or NONE',
  },
  redundancyByPrefix: {
    range: { kind: 'redundancyByPrefix' },
    default: null,
    help: 'another redundancy for keys that begin so, such as logs/=MIRROR:3',
  },
  inlineBytesMax: {
    range: { kind: 'bytes', min: 0, max: limits.valueBytesMax },
    default: limits.inlineBytesMax,
    help: 'values up to this size travel in the log, larger ones go to the devices',
  },
  blobMemoryBytes: {
    range: { kind: 'bytes', min: 2 * limits.blobSlotBytesMax, max: 2 * GiB, multipleOf: 64 * KiB },
    default: limits.blobMemoryBytes,
    help: 'memory for large values on their way to the devices',
  },
  scrubBytesPerSecond: {
    range: { kind: 'bytes', min: 64 * KiB, max: 64 * GiB },
    default: limits.scrubBytesPerSecond,
    help: 'how fast the scrub reads all large values again, a second',
  },
  deviceThreads: {
    range: { kind: 'integer', min: 1, max: 64 },
    default: 2,
    help: 'threads that write to devices; more pay with drives that sync slowly',
  },
  metricsPort: {
    range: { kind: 'integer', min: 0, max: 65_535 },
    default: null,
    help: 'port that serves metrics over HTTP; 0 takes a free one, absent serves none',
  },
  metricsHost: {
    range: { kind: 'text' },
    default: '127.0.0.1',
    help: 'address that the metrics are served on',
  },
} as const satisfies Record<string, Omit<Option, 'name' | 'environment'>>;

export type OptionName = keyof typeof rows;

/** All options, in the order in which help shows them. */
export const optionTable: readonly Option[] = Object.freeze(
  (Object.keys(rows) as OptionName[]).map((name) => ({
    name,
    environment: environmentName(name),
    ...rows[name],
  })),
);

/** `snapshotLogBytes` is THEMIS_SNAPSHOT_LOG_BYTES. */
function environmentName(name: string): string {
  return environmentPrefix + name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** The values that an option takes, in words. */
export function rangeText(range: OptionRange): string {
  switch (range.kind) {
    case 'boolean':
      return 'true or false';
    case 'text':
      return 'a text that is not empty';
    case 'encoding':
      return 'the name of an encoding, or an encoding';
    case 'paths':
      return `a list of 1 to ${range.max} folders`;
    case 'redundancy':
      return redundancyText;
    case 'redundancyByPrefix':
      return prefixesText;
    case 'choice':
      return `one of ${range.choices.join(', ')}`;
    case 'integer':
    case 'bytes': {
      const text = range.kind === 'bytes' ? sizeText : String;
      const step =
        range.multipleOf === undefined ? '' : `, a multiple of ${text(range.multipleOf)}`;
      const power = range.powerOfTwo === true ? ', a power of two' : '';
      return `${text(range.min)} to ${text(range.max)}${step}${power}`;
    }
  }
}

/** Exact: the largest unit that divides the number. */
function sizeText(bytes: number): string {
  for (const [unit, name] of [
    [GiB, 'GiB'],
    [MiB, 'MiB'],
    [KiB, 'KiB'],
  ] as const) {
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit} ${name}`;
  }
  return `${bytes} bytes`;
}
