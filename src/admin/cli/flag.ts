/**
 * A flag of the command line. One declaration gives all three of its names:
 *
 *   key `keysOnly`  ->  --keys-only, THEMIS_KEYS_ONLY, "keysOnly" in the configuration file
 *
 * A key that begins with `no` (`noColor`) is a switch that turns something off.
 */
import { assert, GiB, KiB, MiB, must } from '../../base/index.js';

/** Letters of choices that fit the first column of `--help`. */
const choicesShownMax = 32;

interface FlagBase {
  readonly key: string;
  readonly description: string;
  /** One letter for `-o`; rarely worth it. */
  readonly letter?: string;
  /** Left out of `--help`; for what the command line says to itself. */
  readonly hidden?: boolean;
  /** The heading that it stands under in `--help`. */
  readonly group?: string;
}

export type Flag =
  | (FlagBase & { readonly kind: 'switch' })
  | (FlagBase & { readonly kind: 'text'; readonly placeholder: string; readonly default?: string })
  | (FlagBase & { readonly kind: 'size'; readonly min: number; readonly max: number })
  | (FlagBase & {
      readonly kind: 'choice';
      readonly choices: readonly string[];
      readonly default?: string;
    })
  | (FlagBase & {
      readonly kind: 'number';
      readonly placeholder: string;
      readonly min: number;
      readonly max: number;
      readonly isWhole: boolean;
      readonly default?: number;
    });

/** A number of bytes: digits, perhaps with KiB, MiB or GiB. */
const sizePattern = /^(\d+) ?(KiB|MiB|GiB|)$/;

export type FlagValue = string | number | boolean;

/** `keysOnly` -> `keys-only`. */
function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `--keys-only`. */
export function flagName(flag: Flag): string {
  return `--${kebab(flag.key)}`;
}

/** `THEMIS_KEYS_ONLY`. */
export function environmentName(flag: Flag): string {
  return `THEMIS_${kebab(flag.key).replaceAll('-', '_').toUpperCase()}`;
}

/** The flag as commander wants it: `-o, --output <table|json>`. */
export function flagSyntax(flag: Flag): string {
  const name = flag.letter === undefined ? flagName(flag) : `-${flag.letter}, ${flagName(flag)}`;
  switch (flag.kind) {
    case 'switch':
      return name;
    case 'choice':
      return `${name} <${hasLongChoices(flag.choices) ? flag.key : flag.choices.join('|')}>`;
    case 'size':
      return `${name} <size>`;
    case 'text':
    case 'number':
      return `${name} <${flag.placeholder}>`;
  }
}

/** What `--help` says of a flag; choices that are too long for its first column come here. */
export function flagDescription(flag: Flag): string {
  const isLong = flag.kind === 'choice' && hasLongChoices(flag.choices);
  const choices = isLong ? `: ${flag.choices.join(', ')}` : '';
  const fallback = 'default' in flag ? flag.default : undefined;
  const suffix = fallback === undefined ? '' : ` (default: ${fallback})`;
  return flag.description + choices + suffix;
}

function hasLongChoices(choices: readonly string[]): boolean {
  return choices.join('|').length > choicesShownMax;
}

/** The property under which commander keeps the flag: `--no-color` becomes `color: false`. */
export function readParsed(flag: Flag, parsed: Readonly<Record<string, unknown>>): unknown {
  if (!/^no[A-Z]/.test(flag.key)) return parsed[flag.key];
  assert(flag.kind === 'switch', 'a flag that begins with no- is a switch');
  const rest = flag.key.slice(2);
  const positive = parsed[rest.charAt(0).toLowerCase() + rest.slice(1)];
  return positive === false ? true : undefined;
}

/**
 * The value as the flag's kind, or what it should have been. Texts are parsed (flags and
 * environment only know texts); values of the wrong type are refused, not converted.
 */
export function parseFlag(
  flag: Flag,
  raw: unknown,
): { readonly value: FlagValue } | { readonly expected: string } {
  switch (flag.kind) {
    case 'switch':
      if (raw === true || raw === 'true' || raw === '1') return { value: true };
      if (raw === false || raw === 'false' || raw === '0' || raw === '') return { value: false };
      return { expected: 'true or false' };
    case 'text':
      return typeof raw === 'string' ? { value: raw } : { expected: 'a text' };
    case 'size':
      return parseSize(raw, flag.min, flag.max);
    case 'choice': {
      const isKnown = typeof raw === 'string' && flag.choices.includes(raw);
      return isKnown ? { value: raw } : { expected: `one of ${flag.choices.join(', ')}` };
    }
    case 'number': {
      const isText = typeof raw === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(raw);
      const number = typeof raw === 'number' ? raw : isText ? Number(raw) : Number.NaN;
      const fits = number >= flag.min && number <= flag.max;
      if (fits && (!flag.isWhole || Number.isSafeInteger(number))) return { value: number };
      const range =
        flag.max >= Number.MAX_SAFE_INTEGER
          ? `from ${flag.min}`
          : `from ${flag.min} to ${flag.max}`;
      return { expected: `a ${flag.isWhole ? 'whole number' : 'number'} ${range}` };
    }
  }
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, KiB, MiB, GiB };

function parseSize(raw: unknown, min: number, max: number): ReturnType<typeof parseFlag> {
  const [, digits, unit = ''] = sizePattern.exec(String(raw).trim()) ?? [];
  const bytes = Number(digits ?? Number.NaN) * must(unitBytes[unit], 'the pattern knows the units');
  if (typeof raw !== 'boolean' && bytes >= min && bytes <= max) return { value: bytes };
  return { expected: `bytes from ${min} to ${max}, such as 64MiB` };
}
