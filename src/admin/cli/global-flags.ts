/** Flags of every command. */
import type { Flag } from './flag.js';

export const globalFlags: readonly Flag[] = [
  {
    key: 'output',
    letter: 'o',
    kind: 'choice',
    choices: ['table', 'json'],
    default: 'table',
    description: 'text for people, or JSON for programs',
  },
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
