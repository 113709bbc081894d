/**
 * The options of the public API: validated once, defaults filled in, frozen. What is unknown, of
 * the wrong type or out of range is THEMIS_CONFIG_INVALID, which names option, value and range.
 */
import type { AbstractDatabaseOptions } from 'abstract-level';
import { GiB, KiB, MiB, must, ThemisError } from '../base/index.js';
import { nearestWord } from './nearest.js';
import {
  type Option,
  type OptionName,
  type OptionValue,
  optionTable,
  rangeText,
} from './option-table.js';
import {
  type RedundancyInput,
  type RedundancyOption,
  redundancyByPrefixOf,
  redundancyOf,
} from './redundancy-option.js';

type Encodings = AbstractDatabaseOptions<string, string>;

/** Options of `open` and of `new Themis`. Ranges and defaults are in option-table.ts. */
export interface ThemisOptions {
  /** Encodings as in abstract-level; 'utf8' by default. */
  readonly keyEncoding?: Encodings['keyEncoding'];
  readonly valueEncoding?: Encodings['valueEncoding'];
  /** Create the folder when there is none. Default true. */
  readonly createIfMissing?: boolean | undefined;
  /** Refuse a folder that exists already. Default false. */
  readonly errorIfExists?: boolean | undefined;
  /** Wait for `open()` instead of opening at the next tick. Default false. */
  readonly passive?: boolean | undefined;
  /**
   * `sync` (default): acknowledged means on disk. `buffered`: written to the system at once and to
   * the disk every 100 ms; a power cut may lose the end, a killed process nothing.
   */
  readonly durability?: 'sync' | 'buffered' | undefined;
  /** How the log reaches the disk. Default `auto`: the fastest that the file system knows. */
  readonly syncMode?: 'auto' | 'direct' | 'dsync' | 'fdatasync' | undefined;
  /** Forces an implementation of the checksums, such as `portable` or `addon/sse42`. */
  readonly kernel?: string | undefined;
  /** Forces an implementation of the erasure coding, such as `wasm` or `addon/avx2`. */
  readonly coder?: string | undefined;
  /**
   * When records of the log are damaged and nothing else has them: `refuse` (default) to open, or
   * `accept-loss`: cut the log there, keep what follows in the folder `aside`.
   */
  readonly recovery?: 'refuse' | 'accept-loss' | undefined;
  /** Memory for blocks of the state that were read, in bytes. Default 64 MiB. */
  readonly cacheBytes?: number | undefined;
  /** Threads for snapshots and audits. Default 2. */
  readonly computeThreads?: number | undefined;
  /** Size of one file of the log, in bytes; a multiple of 64 KiB. Default 64 MiB. */
  readonly segmentBytes?: number | undefined;
  /** Memory for writes that are not applied yet, in bytes; a power of two. Default 64 MiB. */
  readonly ringBytes?: number | undefined;
  /** Bytes of log after which a snapshot is taken. Default 1 GiB. */
  readonly snapshotLogBytes?: number | undefined;
  /** Folders for large values, each on a drive of its own. Default: six inside the data folder. */
  readonly devices?: readonly string[] | undefined;
  /** Empty folders that take the place of devices that fail. */
  readonly spares?: readonly string[] | undefined;
  /** How much of a large value may be lost. Default `4+2`: any two of six devices. */
  readonly redundancy?: RedundancyInput | undefined;
  /** Another redundancy for keys that begin so. */
  readonly redundancyByPrefix?: Readonly<Record<string, RedundancyInput>> | undefined;
  /** Values up to this size travel in the log, larger ones go to the devices. Default 64 KiB. */
  readonly inlineBytesMax?: number | undefined;
  /** Memory for large values on their way to the devices, in bytes. Default 64 MiB. */
  readonly blobMemoryBytes?: number | undefined;
  /** How fast all large values are read again and verified, in bytes a second. Default 10 MiB. */
  readonly scrubBytesPerSecond?: number | undefined;
  /** Threads that write to devices. Default 2. */
  readonly deviceThreads?: number | undefined;
  /** Port that serves metrics; 0 takes a free one. Default: none is served. */
  readonly metricsPort?: number | undefined;
  /** Address that the metrics are served on. Default 127.0.0.1. */
  readonly metricsHost?: string | undefined;
}

/** Options whose absence means something; all others have a default. */
type Optional =
  | 'keyEncoding'
  | 'valueEncoding'
  | 'kernel'
  | 'coder'
  | 'devices'
  | 'spares'
  | 'metricsPort';

/** Options whose values were brought into one shape. */
interface Shaped {
  readonly redundancy: RedundancyOption;
  readonly redundancyByPrefix?: Readonly<Record<string, RedundancyOption>>;
}

/** All options, checked and frozen. */
export type ValidatedOptions = { readonly location: string } & {
  readonly [K in Exclude<keyof ThemisOptions, Optional | keyof Shaped>]-?: NonNullable<
    ThemisOptions[K]
  >;
} & Pick<ThemisOptions, Optional> &
  Shaped;

export type OptionSource = 'default' | 'file' | 'environment' | 'flag';

export interface OptionInputs {
  /** Texts or values from a command line, by the option's name; undefined is not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** What `environment()` returns, or any variables; only those in the table are looked at. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A parsed configuration file, by the option's name. */
  readonly file?: Readonly<Record<string, unknown>>;
}

/** Checks the options of one `open`; fills in the defaults. Throws THEMIS_CONFIG_INVALID. */
export function validateOptions(location: string, options: ThemisOptions = {}): ValidatedOptions {
  const given: Readonly<Record<string, unknown>> = { ...options, location };
  return resolveOptions({ flags: given }).options;
}

/**
 * Puts options together, defaults < file < environment < flags, and says where each came from.
 * Texts are understood where numbers and booleans are meant (`64MiB`, `true`). Throws
 * THEMIS_CONFIG_INVALID, naming the place of what is wrong.
 */
export function resolveOptions(inputs: OptionInputs): {
  readonly options: ValidatedOptions;
  readonly sources: Readonly<Record<OptionName, OptionSource>>;
} {
  const { flags = {}, env = {}, file = {} } = inputs;
  refuseUnknown(file, 'the configuration file');
  refuseUnknown(flags, 'the options');
  const values: Partial<Record<OptionName, OptionValue>> = {};
  const sources: Partial<Record<OptionName, OptionSource>> = {};
  for (const option of optionTable) {
    const candidates = [
      ['flag', flags[option.name], option.name],
      ['environment', env[option.environment], option.environment],
      ['file', file[option.name], `${option.name} in the configuration file`],
    ] as const;
    // A mistake in a place that another one overrides is a mistake all the same.
    const given = candidates.flatMap(([source, raw, place]) =>
      raw === undefined ? [] : [{ source, value: checked(option, raw, place) }],
    );
    const strongest = given[0];
    const value = strongest?.value ?? option.default;
    if (value !== null) values[option.name] = value;
    sources[option.name] = strongest?.source ?? 'default';
  }
  if (values.location === undefined) {
    throw invalid(`location is missing: give the folder that holds the data.`);
  }
  // The table has checked every value; the types are those of its rows.
  const options = Object.freeze(values) as ValidatedOptions;
  return { options, sources: Object.freeze(sources) as Record<OptionName, OptionSource> };
}

function refuseUnknown(given: Readonly<Record<string, unknown>>, where: string): void {
  const names: readonly string[] = optionTable.map((option) => option.name);
  for (const key of Object.keys(given)) {
    if (names.includes(key)) continue;
    const meant = nearestWord(key, names);
    const advice = meant === null ? `Options are ${names.join(', ')}.` : `Did you mean ${meant}?`;
    throw invalid(`${key}, given in ${where}, is not an option. ${advice}`);
  }
}

/** The value, converted from text where it came as one. */
function checked(option: Option, raw: unknown, place: string): OptionValue {
  const value = converted(option, raw);
  if (value !== null && inRange(option, value)) return value;
  const shown = typeof raw === 'string' ? JSON.stringify(raw) : String(raw);
  throw invalid(`${place} is ${shown}; it must be ${rangeText(option.range)}.`);
}

function converted({ range }: Option, raw: unknown): OptionValue | null {
  switch (range.kind) {
    case 'boolean':
      if (typeof raw === 'boolean') return raw;
      return raw === 'true' ? true : raw === 'false' ? false : null;
    case 'integer':
    case 'bytes':
      if (typeof raw === 'number') return raw;
      return typeof raw === 'string' ? numberOf(raw, range.kind === 'bytes') : null;
    case 'encoding':
      if (typeof raw === 'object') return raw;
      return typeof raw === 'string' ? raw : null;
    case 'text':
    case 'choice':
      return typeof raw === 'string' ? raw : null;
    case 'paths':
      return pathsOf(raw);
    case 'redundancy':
      return redundancyOf(raw);
    case 'redundancyByPrefix':
      return redundancyByPrefixOf(raw);
  }
}

const units: Readonly<Record<string, number>> = { '': 1, KiB, MiB, GiB };

/** Digits, for bytes with a unit; null for anything else. */
function numberOf(text: string, bytes: boolean): number | null {
  const match = /^(\d+) ?(KiB|MiB|GiB|)$/.exec(text.trim());
  if (match === null) return null;
  const unit = match[2] ?? '';
  if (unit !== '' && !bytes) return null;
  return Number(match[1]) * must(units[unit], 'the unit matched');
}

/** Folders, each named once; null for anything else. */
function pathsOf(raw: unknown): readonly string[] | null {
  const list: unknown = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(list)) return null;
  const paths = list.filter((path): path is string => typeof path === 'string' && path !== '');
  const isWhole = paths.length === list.length && new Set(paths).size === paths.length;
  return isWhole ? Object.freeze(paths) : null;
}

function inRange({ range }: Option, value: OptionValue): boolean {
  switch (range.kind) {
    case 'boolean':
      return true;
    case 'text':
    case 'encoding':
      return value !== '';
    case 'redundancy':
    case 'redundancyByPrefix':
      return true;
    case 'paths':
      return Array.isArray(value) && value.length > 0 && value.length <= range.max;
    case 'choice':
      return typeof value === 'string' && range.choices.includes(value);
    case 'integer':
    case 'bytes': {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
      const power = range.powerOfTwo !== true || Number.isInteger(Math.log2(value));
      const whole = value % (range.multipleOf ?? 1) === 0;
      return value >= range.min && value <= range.max && whole && power;
    }
  }
}

function invalid(message: string): ThemisError {
  return new ThemisError('THEMIS_CONFIG_INVALID', message);
}
