/** The commands `themis object ...`, as data. */
import type { Command, CommandArgument } from '../command.js';
import { engineFlags } from '../engine-flags.js';
import { exitCodes } from '../exit-codes.js';
import { keyArgument, keyEncodingFlag, rangeFlags } from '../shared-flags.js';

const { ok, failure, usage, unhealthy, notFound } = exitCodes;

function fileArgument(description: string): CommandArgument {
  return { name: 'file', description, isOptional: true };
}

const put: Command = {
  path: ['object', 'put'],
  summary: 'store a file of any length under a key',
  about:
    'Streams a file, or what arrives on stdin, into the store, at constant memory whatever its ' +
    'length. Above 64 KiB (--inline-bytes-max) the value is cut into fragments with parity, one ' +
    'a device, so that it survives the loss of some of them (--redundancy). When the command ' +
    'ends with 0 it is on the disks; when it fails, the key keeps the value that it had.',
  arguments: [keyArgument, fileArgument('the file; - or none for stdin')],
  flags: [keyEncodingFlag, ...engineFlags],
  examples: [
    { line: 'themis object put video.mp4 ./video.mp4 --dir ./data', what: 'a file' },
    { line: 'tar c src | themis object put src.tar - --dir ./data', what: 'what a program prints' },
    {
      line: 'themis object put a ./a --redundancy 2+1 --devices /mnt/a,/mnt/b,/mnt/c --dir ./data',
      what: 'a drive each, named once: the store remembers them; any one may be lost',
    },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./put.js')).run,
};

const get: Command = {
  path: ['object', 'get'],
  summary: 'write a value, or a part of it, into a file',
  about:
    'Streams a value into a file, or to stdout, at constant memory. Every byte was verified, or ' +
    'computed from verified ones when devices are lost. A file gets its name when it is whole ' +
    'and on the disk. A range names its first and its last byte, as in HTTP.',
  arguments: [keyArgument, fileArgument('where to write it; - or none for stdout')],
  flags: [
    {
      key: 'range',
      kind: 'text',
      placeholder: 'first-last',
      description: 'only these bytes: 0-1023, 1024- or -512 (the last 512)',
    },
    keyEncodingFlag,
    ...engineFlags,
  ],
  examples: [
    { line: 'themis object get video.mp4 ./video.mp4 --dir ./data', what: 'into a file' },
    { line: 'themis object get src.tar --dir ./data | tar t', what: 'into a program' },
    { line: 'themis object get video.mp4 - --range 0-15 --dir ./data | xxd', what: 'its start' },
  ],
  exits: [ok, failure, usage, unhealthy, notFound],
  load: async () => (await import('./get.js')).run,
};

const list: Command = {
  path: ['object', 'list'],
  summary: 'list keys with their sizes and how they are kept',
  about:
    'Lists keys in bytewise order with the length of their values, how each is kept, and how ' +
    'many of its fragments are on devices. Values are not read, however large they are. One line ' +
    'each; with -o json one JSON object a line.',
  arguments: [],
  flags: [...rangeFlags, keyEncodingFlag, ...engineFlags],
  examples: [
    { line: 'themis object list --dir ./data', what: 'everything' },
    { line: 'themis object list --dir ./data --prefix video/ --limit 10', what: 'some' },
    { line: 'themis object list --dir ./data -o json', what: 'one JSON object a line' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./list.js')).run,
};

const stat: Command = {
  path: ['object', 'stat'],
  summary: 'show how one value is kept',
  about:
    'Shows the length of a value without reading it, how it is kept, how many devices may be ' +
    'lost, and whether all of its fragments are on devices now.',
  arguments: [keyArgument],
  flags: [keyEncodingFlag, ...engineFlags],
  examples: [
    { line: 'themis object stat video.mp4 --dir ./data', what: 'for people' },
    { line: 'themis object stat video.mp4 --dir ./data -o json', what: 'for programs' },
  ],
  exits: [ok, failure, usage, unhealthy, notFound],
  load: async () => (await import('./stat.js')).run,
};

export const objectCommands: readonly Command[] = [put, get, list, stat];
