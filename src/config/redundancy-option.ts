/**
 * How much of a large value may be lost, as options say it: in words (`NONE`, `MIRROR:3`, `4+2`) or
 * as an object.
 */

/** `data + parity` fragments, any `data` of which are the value; or whole copies; or nothing extra. */
export type RedundancyOption =
  | { readonly mode: 'NONE' }
  | { readonly mode: 'MIRROR'; readonly copies: number }
  | { readonly mode: 'PARITY'; readonly data: number; readonly parity: number };

/** What `open` takes; the mode need not be named. */
export type RedundancyInput =
  | RedundancyOption
  | 'NONE'
  | { readonly data: number; readonly parity: number }
  | { readonly copies: number }
  | `MIRROR:${number}`
  | `${number}+${number}`;

export const redundancyText =
  'NONE, MIRROR:copies or data+parity (such as 4+2), 256 fragments at most';
export const prefixesText = `prefixes with their redundancy, such as logs/=MIRROR:3,img/=8+3`;

/** One fragment a device, and elements of GF(2^8) tell them apart. */
const fragmentsMax = 256;

/** The redundancy that is meant, or null. */
export function redundancyOf(raw: unknown): RedundancyOption | null {
  if (typeof raw === 'string') return ofText(raw);
  if (!isRecord(raw)) return null;
  const { mode, copies, data, parity, ...unknown } = raw;
  if (Object.keys(unknown).length > 0) return null;
  if (data !== undefined && copies === undefined) return parityOf(mode, data, parity);
  if (copies !== undefined && parity === undefined) return mirrorOf(mode, copies);
  return mode === 'NONE' && parity === undefined ? { mode } : null;
}

/** The redundancy of each prefix, or null. */
export function redundancyByPrefixOf(
  raw: unknown,
): Readonly<Record<string, RedundancyOption>> | null {
  const entries = typeof raw === 'string' ? prefixesOfText(raw) : entriesOf(raw);
  if (entries === null || entries.length === 0) return null;
  const found: Record<string, RedundancyOption> = Object.create(null);
  for (const [prefix, value] of entries) {
    const redundancy = redundancyOf(value);
    if (redundancy === null || prefix === '' || Object.hasOwn(found, prefix)) return null;
    found[prefix] = redundancy;
  }
  return found;
}

function ofText(text: string): RedundancyOption | null {
  if (text === 'NONE') return { mode: 'NONE' };
  const mirror = /^MIRROR:(\d{1,3})$/.exec(text);
  if (mirror !== null) return mirrorOf('MIRROR', Number(mirror[1]));
  const parity = /^(\d{1,3})\+(\d{1,3})$/.exec(text);
  return parity === null ? null : parityOf('PARITY', Number(parity[1]), Number(parity[2]));
}

function mirrorOf(mode: unknown, copies: unknown): RedundancyOption | null {
  if (mode !== undefined && mode !== 'MIRROR') return null;
  return isCount(copies, 2) ? { mode: 'MIRROR', copies } : null;
}

function parityOf(mode: unknown, data: unknown, parity: unknown): RedundancyOption | null {
  if (mode !== undefined && mode !== 'PARITY') return null;
  if (!isCount(data, 1) || !isCount(parity, 1)) return null;
  return data + parity <= fragmentsMax ? { mode: 'PARITY', data, parity } : null;
}

function isCount(value: unknown, min: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= fragmentsMax;
}

function prefixesOfText(text: string): [string, unknown][] {
  return text.split(',').map((part) => {
    const at = part.lastIndexOf('=');
    return [part.slice(0, Math.max(0, at)), part.slice(at + 1)];
  });
}

function entriesOf(raw: unknown): [string, unknown][] | null {
  return isRecord(raw) ? Object.entries(raw) : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** In words, as `redundancyOf` reads them. */
export function redundancyInWords(redundancy: RedundancyOption): string {
  switch (redundancy.mode) {
    case 'NONE':
      return 'NONE';
    case 'MIRROR':
      return `MIRROR:${redundancy.copies}`;
    case 'PARITY':
      return `${redundancy.data}+${redundancy.parity}`;
  }
}
