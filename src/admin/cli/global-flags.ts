/** Flags of every command. */
import type { Flag } from './flag.js';

const flags: readonly Flag[] = [
  {
    key: 'output',
    letter: 'o',
    kind: 'choice',
    choices: ['table', 'json'],
    default: 'table',
    description: 'text for people, or JSON for programs',
  },
  { key: 'json', kind: 'switch', description: 'the same as --output json' },
  {
    key: 'dir',
    kind: 'text',
    placeholder: 'folder',
    description: 'the folder of the store',
  },
  {
    key: 'config',
    kind: 'text',
    placeholder: 'file.json',
    description: 'settings as one JSON object',
  },
  { key: 'noColor', kind: 'switch', description: 'no colours (NO_COLOR does the same)' },
  { key: 'debug', kind: 'switch', description: 'print the stack of an error' },
];

export const globalFlags: readonly Flag[] = flags.map((flag) => {
  return { ...flag, group: 'Flags of every command:' };
});
