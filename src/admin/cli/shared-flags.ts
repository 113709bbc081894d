/** Arguments and flags that several commands share. */
import type { CommandArgument } from './command.js';
import { textEncodings } from './encoding.js';
import type { Flag } from './flag.js';

export const keyArgument: CommandArgument = {
  name: 'key',
  description: 'the key (see --key-encoding)',
  isOptional: false,
};

export const keyEncodingFlag: Flag = {
  key: 'keyEncoding',
  kind: 'choice',
  choices: textEncodings,
  default: 'utf8',
  description: 'how keys are written on the command line',
};

/** Which keys: see key-range.ts. */
export const rangeFlags: readonly Flag[] = [
  { key: 'prefix', kind: 'text', placeholder: 'text', description: 'keys that begin so' },
  { key: 'gte', kind: 'text', placeholder: 'key', description: 'from this key on' },
  { key: 'lt', kind: 'text', placeholder: 'key', description: 'up to but without this key' },
  {
    key: 'limit',
    kind: 'number',
    placeholder: 'n',
    isWhole: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    description: 'at most so many entries',
  },
  { key: 'reverse', kind: 'switch', description: 'from the last key to the first' },
];

export const forceFlag: Flag = {
  key: 'force',
  kind: 'switch',
  description: 'also when values may be lost by it',
};
