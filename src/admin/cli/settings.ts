/**
 * The settings of one command: configuration file < environment < flags, checked once.
 *
 * The file is JSON, one object, its keys the flags' keys of any command, so that one file serves
 * all. Unknown keys and values of the wrong kind are refused, each naming where it came from.
 */
import { assert, messageOf, must, ThemisError } from '../../base/index.js';
import type { FileSystem } from '../../io/index.js';
import { environmentName, type Flag, type FlagValue, flagName, parseFlag } from './flag.js';
import { readWholeFile } from './read-file.js';
import { didYouMean } from './suggestion.js';

export type SettingSource = 'default' | 'file' | 'environment' | 'flag';

export interface SettingSources {
  /** What was given on the command line, by key. Undefined means not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parsed configuration file, or null, and its path for messages. */
  readonly file: Readonly<Record<string, unknown>> | null;
  readonly filePath: string;
}

export class Settings {
  readonly #values: ReadonlyMap<string, { value: FlagValue; source: SettingSource }>;

  constructor(values: ReadonlyMap<string, { value: FlagValue; source: SettingSource }>) {
    this.#values = values;
  }

  /** Where the value came from, or null when there is none. */
  source(key: string): SettingSource | null {
    return this.#values.get(key)?.source ?? null;
  }

  value(key: string): FlagValue | null {
    return this.#values.get(key)?.value ?? null;
  }

  isOn(key: string): boolean {
    return this.#values.get(key)?.value === true;
  }

  text(key: string): string | null {
    const value = this.#values.get(key)?.value ?? null;
    assert(value === null || typeof value === 'string', `${key} is a text`);
    return value;
  }

  number(key: string): number | null {
    const value = this.#values.get(key)?.value ?? null;
    assert(value === null || typeof value === 'number', `${key} is a number`);
    return value;
  }

  /** The text, or a usage error that names all three ways to give it. */
  requiredText(key: string, flags: readonly Flag[]): string {
    const value = this.text(key);
    if (value !== null && value !== '') return value;
    const flag = must(
      flags.find((one) => one.key === key),
      `${key} is declared`,
    );
    throw new ThemisError(
      'THEMIS_USAGE',
      `${flagName(flag)} is needed (or ${environmentName(flag)}, or "${key}" in --config)`,
    );
  }
}

/**
 * Resolves the flags of one command. `known` are the flags of every command: the file may hold
 * them all. Throws THEMIS_USAGE for a flag, THEMIS_CONFIG_INVALID for environment and file.
 */
export function resolveSettings(
  flags: readonly Flag[],
  known: readonly Flag[],
  sources: SettingSources,
): Settings {
  if (sources.file !== null) checkFile(known, sources.file, sources.filePath);
  const values = new Map<string, { value: FlagValue; source: SettingSource }>();
  for (const flag of flags) {
    const [raw, source, place] = strongest(flag, sources);
    if (raw === undefined) {
      if (!('default' in flag) || flag.default === undefined) continue;
      values.set(flag.key, { value: flag.default, source: 'default' });
      continue;
    }
    values.set(flag.key, { value: checked(flag, raw, source, place), source });
  }
  return new Settings(values);
}

function strongest(
  flag: Flag,
  sources: SettingSources,
): [raw: unknown, source: SettingSource, place: string] {
  const given = sources.flags[flag.key];
  if (given !== undefined) return [given, 'flag', flagName(flag)];
  const variable = sources.env[environmentName(flag)];
  if (variable !== undefined) return [variable, 'environment', environmentName(flag)];
  return [sources.file?.[flag.key], 'file', `"${flag.key}" in ${sources.filePath}`];
}

function checked(flag: Flag, raw: unknown, source: SettingSource, place: string): FlagValue {
  const parsed = parseFlag(flag, raw);
  if ('value' in parsed) return parsed.value;
  const code = source === 'flag' ? 'THEMIS_USAGE' : 'THEMIS_CONFIG_INVALID';
  throw new ThemisError(code, `${place} needs ${parsed.expected}, not ${JSON.stringify(raw)}`);
}

function checkFile(
  known: readonly Flag[],
  file: Readonly<Record<string, unknown>>,
  path: string,
): void {
  const keys = known.map((flag) => flag.key);
  for (const [key, raw] of Object.entries(file)) {
    const candidates = known.filter((flag) => flag.key === key);
    if (candidates.length === 0) {
      throw new ThemisError(
        'THEMIS_CONFIG_INVALID',
        `"${key}" in ${path} is not a setting${didYouMean(key, keys)}; remove or correct it`,
      );
    }
    // Commands may give one key different ranges: the file must suit one of them.
    if (candidates.some((flag) => 'value' in parseFlag(flag, raw))) continue;
    checked(must(candidates[0], 'a candidate'), raw, 'file', `"${key}" in ${path}`);
  }
}

/** Reads a configuration file. Throws THEMIS_CONFIG_INVALID, naming the path. */
export function readConfigFile(
  fileSystem: FileSystem,
  path: string,
): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readWholeFile(fileSystem, path).toString('utf8'));
  } catch (error) {
    const reason = `${path} cannot be read as a JSON file: ${messageOf(error)}`;
    throw new ThemisError('THEMIS_CONFIG_INVALID', reason, error);
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return Object.fromEntries(Object.entries(parsed));
  }
  throw new ThemisError('THEMIS_CONFIG_INVALID', `${path} must hold one JSON object`);
}

/** The settings of these flags as words of a command line, for another process. */
export function settingWords(settings: Settings, flags: readonly Flag[]): string[] {
  return flags.flatMap((flag) => {
    const value = settings.value(flag.key);
    if (value === null || value === false) return [];
    return value === true ? [flagName(flag)] : [flagName(flag), String(value)];
  });
}
