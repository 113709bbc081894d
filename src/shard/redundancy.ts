/**
 * How much of a value may be lost: the mode that a store or a part of its keys chose, and the code
 * that it means. All modes are one code of `data` + `parity` fragments, any `data` of which are
 * the value: NONE is 1 + 0, MIRROR of n copies 1 + (n - 1), PARITY k + m.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';

export type Redundancy =
  | { readonly mode: 'NONE' }
  | { readonly mode: 'MIRROR'; readonly copies: number }
  | { readonly mode: 'PARITY'; readonly data: number; readonly parity: number };

/** Fragments of a stripe. */
export interface Code {
  /** Fragments that hold the value, from 1; any so many fragments give it back. */
  readonly data: number;
  /** Fragments beyond them, from 0. */
  readonly parity: number;
}

export interface DurableCode extends Code {
  /**
   * A write is refused unless data + `spare` fragments are durable when it is acknowledged, so
   * that so many may be lost at once after a write in bad times: from 0 to parity.
   */
  readonly spare: number;
}

/** Keys that begin with `prefix` have a redundancy of their own. */
export interface RedundancyRule {
  readonly prefix: Uint8Array;
  readonly redundancy: Redundancy;
}

/** The code of a mode. Throws THEMIS_CONFIG_INVALID. */
export function codeOfRedundancy(redundancy: Redundancy): Code {
  switch (redundancy.mode) {
    case 'NONE':
      return { data: 1, parity: 0 };
    case 'MIRROR': {
      const { copies } = redundancy;
      if (!isCount(copies, 2)) throw invalid(`copies is ${String(copies)}, not from 2`);
      return checkWidth({ data: 1, parity: copies - 1 });
    }
    case 'PARITY': {
      const { data, parity } = redundancy;
      if (!isCount(data, 1)) throw invalid(`data is ${String(data)}, not from 1`);
      if (!isCount(parity, 1)) throw invalid(`parity is ${String(parity)}, not from 1`);
      return checkWidth({ data, parity });
    }
  }
}

/** A code with the fragments that must be durable beyond `data`; by default half of the parity. */
export function durableCode(code: Code, spare?: number): DurableCode {
  const value = spare ?? Math.ceil(code.parity / 2);
  if (isCount(value, 0) && value <= code.parity) return { ...code, spare: value };
  throw invalid(`spare is ${String(value)}, not from 0 to parity (${code.parity})`);
}

/** Finds the code of a key: that of the longest prefix, otherwise the store's. */
export class RedundancyRules {
  readonly #default: DurableCode;
  /** Longest prefix first. */
  readonly #rules: readonly { readonly prefix: Uint8Array; readonly code: DurableCode }[];

  /** Throws THEMIS_CONFIG_INVALID. `spare` holds wherever a code has so much parity. */
  constructor(all: Redundancy, rules: readonly RedundancyRule[] = [], spare?: number) {
    if (rules.length > limits.redundancyRulesMax) {
      throw invalid(`${rules.length} prefixes, at most ${limits.redundancyRulesMax}`);
    }
    this.#default = durableCode(codeOfRedundancy(all), spare);
    this.#rules = rules
      .map(({ prefix, redundancy }) => {
        const code = codeOfRedundancy(redundancy);
        const most = spare === undefined ? undefined : Math.min(spare, code.parity);
        return { prefix: prefix.slice(), code: durableCode(code, most) };
      })
      .sort((a, b) => b.prefix.length - a.prefix.length);
    const names = new Set(this.#rules.map(({ prefix }) => Buffer.from(prefix).toString('hex')));
    if (names.size < rules.length) throw invalid('a prefix is given twice');
  }

  /** The widest code of all: so many devices are of use. */
  get width(): number {
    const codes = [this.#default, ...this.#rules.map(({ code }) => code)];
    return Math.max(...codes.map(({ data, parity }) => data + parity));
  }

  codeOf(key: Uint8Array): DurableCode {
    const rule = this.#rules.find(({ prefix }) => startsWith(key, prefix));
    return rule?.code ?? this.#default;
  }
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  if (key.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (key[i] !== prefix[i]) return false;
  return true;
}

function isCount(value: number, from: number): boolean {
  return Number.isSafeInteger(value) && value >= from;
}

function checkWidth(code: Code): Code {
  const width = code.data + code.parity;
  if (width <= limits.shardsMax) return code;
  throw invalid(`${width} fragments, at most ${limits.shardsMax}`);
}

function invalid(why: string): ThemisError {
  return new ThemisError('THEMIS_CONFIG_INVALID', `The redundancy cannot be: ${why}.`);
}
