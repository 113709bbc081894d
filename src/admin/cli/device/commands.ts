/** The commands `themis device ...`, and those that look after what devices hold, as data. */
import type { Command, CommandArgument } from '../command.js';
import { engineFlags } from '../engine-flags.js';
import { exitCodes } from '../exit-codes.js';
import { forceFlag, keyArgument, keyEncodingFlag } from '../shared-flags.js';

const { ok, failure, usage, unhealthy, notFound } = exitCodes;

const numberArgument: CommandArgument = {
  name: 'number',
  description: 'the number of the device (see themis device list)',
  isOptional: false,
};

const pathArgument: CommandArgument = {
  name: 'path',
  description: 'an empty folder, best on a drive of its own',
  isOptional: false,
};

const list: Command = {
  path: ['device', 'list'],
  summary: 'list the folders that hold large values',
  about:
    'Shows each device: its state, what it holds and what is free, and why it is not healthy. ' +
    'Says plainly when devices share a drive, because then one lost drive takes all of them.',
  arguments: [],
  flags: [...engineFlags],
  examples: [
    { line: 'themis device list --dir ./data', what: 'for people' },
    { line: 'themis device list --dir ./data -o json', what: 'for programs' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./list.js')).run,
};

const add: Command = {
  path: ['device', 'add'],
  summary: 'make an empty folder a device, or a spare',
  about:
    'Makes an empty folder a device of the store, which remembers it from then on. New values ' +
    'are spread over it too. A spare waits: when a device fails, it takes its place, and what ' +
    'was lost is made anew on it, without anybody doing anything.',
  arguments: [pathArgument],
  flags: [
    { key: 'spare', kind: 'switch', description: 'waits until a device fails' },
    ...engineFlags,
  ],
  examples: [
    { line: 'themis device add /mnt/g --dir ./data', what: 'one more device' },
    { line: 'themis device add /mnt/h --spare --dir ./data', what: 'for the day one fails' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./add.js')).run,
};

const replace: Command = {
  path: ['device', 'replace'],
  summary: 'put an empty folder in the place of a device',
  about:
    'Puts an empty folder in the place of a device and makes anew on it what the old one held, ' +
    'from the others. Waits until all is whole; after Ctrl-C the next open goes on with it. ' +
    'A device that works is replaced only while every value is whole.',
  arguments: [numberArgument, pathArgument],
  flags: [forceFlag, ...engineFlags],
  examples: [
    { line: 'themis device replace 2 /mnt/new --dir ./data', what: 'a new drive for device 2' },
    { line: 'themis device replace 2 ./data/device-2 --dir ./data', what: 'emptied, same place' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./replace.js')).run,
};

const remove: Command = {
  path: ['device', 'remove'],
  summary: 'take a device out of the store',
  about:
    'Forgets a device and makes anew on the others what it held. Its folder stays as it is. ' +
    'Refused when fewer devices would be left than the redundancy needs, or while a value is not ' +
    'whole, unless --force says so.',
  arguments: [numberArgument],
  flags: [forceFlag, ...engineFlags],
  examples: [
    { line: 'themis device remove 6 --dir ./data', what: 'one of seven' },
    { line: 'themis device remove 3 --force --dir ./data', what: 'although too few are left' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./remove.js')).run,
};

const scrub: Command = {
  path: ['scrub'],
  summary: 'read and verify all large values, and repair what is damaged',
  about:
    'Reads every fragment on every device at full speed, compares it with the digest in the log, ' +
    'and makes anew what is damaged. An open store does the same by itself, slowly ' +
    '(--scrub-bytes-per-second). Ends with 3 when something could not be repaired.',
  arguments: [],
  flags: [...engineFlags],
  examples: [
    { line: 'themis scrub --dir ./data', what: 'everything, with progress' },
    { line: 'themis scrub --dir ./data -o json', what: 'the outcome for a program' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('../scrub.js')).run,
};

const repair: Command = {
  path: ['repair'],
  summary: 'make whole now what lacks fragments',
  about:
    'Compares what must be on the devices with what is there, and makes anew what is missing. ' +
    'An open store does so by itself; this command waits for the end. With a key it reads and ' +
    'verifies that value alone. Ends with 3 when something could not be repaired.',
  arguments: [{ ...keyArgument, isOptional: true }],
  flags: [keyEncodingFlag, ...engineFlags],
  examples: [
    { line: 'themis repair --dir ./data', what: 'after a device was replaced' },
    { line: 'themis repair video.mp4 --dir ./data', what: 'one value' },
  ],
  exits: [ok, failure, usage, unhealthy, notFound],
  load: async () => (await import('../repair.js')).run,
};

export const deviceCommands: readonly Command[] = [list, add, replace, remove, scrub, repair];
