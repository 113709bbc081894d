/** Options of the engine as flags, for the commands that open a store. */
import type { Flag } from './flag.js';
import type { Settings } from './settings.js';

export const engineFlags: readonly Flag[] = [
  {
    key: 'durability',
    kind: 'choice',
    choices: ['sync', 'buffered'],
    default: 'sync',
    description: 'sync: acknowledged means on disk; buffered: a crash may lose the last 100 ms',
  },
];

/** The options to open a store with. */
export function engineOptions(settings: Settings): Readonly<Record<string, unknown>> {
  return { durability: settings.text('durability') ?? 'sync' };
}
