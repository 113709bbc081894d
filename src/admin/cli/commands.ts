/** Every command of `themis`, as data; implementations are loaded when they run. */
import type { Command } from './command.js';
import { deviceCommands } from './device/commands.js';
import { textEncodings } from './encoding.js';
import { demoEngineFlags, engineFlags } from './engine-flags.js';
import { exitCodes } from './exit-codes.js';
import type { Flag } from './flag.js';
import { objectCommands } from './object/commands.js';
import { keyArgument, keyEncodingFlag, rangeFlags } from './shared-flags.js';

const seed: Flag = {
  key: 'seed',
  kind: 'number',
  placeholder: 'n',
  isWhole: true,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  default: 1,
  description: 'decides every random choice',
};

function seconds(description: string, fallback?: number): Flag {
  const base = { key: 'seconds', kind: 'number', placeholder: 'n', isWhole: false } as const;
  const range = { min: 0.1, max: 86_400 };
  const flag: Flag = { ...base, ...range, description };
  return fallback === undefined ? flag : { ...flag, default: fallback };
}

const { ok, failure, usage, unhealthy, notFound } = exitCodes;

const get: Command = {
  path: ['get'],
  summary: 'print the value of a key',
  about:
    'Prints the value of one key, byte for byte, so that it can be piped into a file or another ' +
    'program. Its checksum was verified before the first byte is printed: what you see is what ' +
    'was stored, or you see an error.',
  arguments: [keyArgument],
  flags: [
    {
      key: 'encoding',
      kind: 'choice',
      choices: ['raw', ...textEncodings],
      description: 'how the value is printed (default: raw, and utf8 with -o json)',
    },
    keyEncodingFlag,
    ...engineFlags,
  ],
  examples: [
    { line: 'themis get greeting --dir ./data', what: 'print a value' },
    { line: 'themis get photo.jpg --dir ./data > photo.jpg', what: 'back into a file' },
    { line: 'themis get photo.jpg --dir ./data -o json', what: 'as JSON; base64 if not text' },
  ],
  exits: [ok, failure, usage, unhealthy, notFound],
  load: async () => (await import('./get.js')).run,
};

const put: Command = {
  path: ['put'],
  summary: 'store a value under a key',
  about:
    'Stores a value: the second word, a file of any length, or what arrives on stdin. When the ' +
    'command ends with 0 the value is on the disk, whatever happens next (unless --durability ' +
    'buffered was chosen). The folder becomes a store if it is none yet.',
  arguments: [keyArgument, { name: 'value', description: 'the value', isOptional: true }],
  flags: [
    { key: 'file', kind: 'text', placeholder: 'path', description: 'take the value from a file' },
    {
      key: 'encoding',
      kind: 'choice',
      choices: textEncodings,
      default: 'utf8',
      description: 'how the value is written on the command line',
    },
    keyEncodingFlag,
    ...engineFlags,
  ],
  examples: [
    { line: 'themis put greeting hello --dir ./data', what: 'a value from the command line' },
    { line: 'themis put photo.jpg --file photo.jpg --dir ./data', what: 'a file' },
    { line: 'tar c src | themis put src.tar --dir ./data', what: 'whatever a program prints' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./put.js')).run,
};

const remove: Command = {
  path: ['delete'],
  summary: 'delete a key',
  about:
    'Deletes one key. Deleting a key that is not there succeeds too, so that scripts may repeat ' +
    'it; with -o json the answer says whether there was something to delete.',
  arguments: [keyArgument],
  flags: [keyEncodingFlag, ...engineFlags],
  examples: [
    { line: 'themis delete greeting --dir ./data', what: 'delete a key' },
    { line: 'themis delete 00ff --key-encoding hex --dir ./data', what: 'a key that is no text' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./delete.js')).run,
};

const scan: Command = {
  path: ['scan'],
  summary: 'list entries in the order of their keys',
  about:
    'Lists keys and values in bytewise order of the keys, as they were at one moment: writes ' +
    'that happen meanwhile are not seen. One line each, a tab between key and value, control ' +
    'characters as \\xNN; with -o json one JSON object a line. Values that lie on devices are ' +
    'named with their size and not read, unless --large asks for them. Stops early and quietly ' +
    'when its reader does.',
  arguments: [],
  flags: [
    ...rangeFlags,
    { key: 'keysOnly', kind: 'switch', description: 'without the values' },
    { key: 'large', kind: 'switch', description: 'also the values that lie on devices' },
    {
      key: 'encoding',
      kind: 'choice',
      choices: textEncodings,
      default: 'utf8',
      description: 'how values are printed',
    },
    keyEncodingFlag,
    ...engineFlags,
  ],
  examples: [
    { line: 'themis scan --dir ./data --prefix user/ --limit 10', what: 'the first ten users' },
    { line: 'themis scan --dir ./data --reverse --limit 1', what: 'the last entry' },
    { line: 'themis scan --dir ./data --keys-only | wc -l', what: 'count the keys' },
    { line: 'themis scan --dir ./data -o json', what: 'one JSON object a line' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./scan.js')).run,
};

const status: Command = {
  path: ['status'],
  summary: 'show how a store is doing',
  about:
    'Opens a store and shows its health first, in one sentence, then the log, the applied ' +
    'state, and what the open had to repair. Programs read -o json: it has everything. For a ' +
    'folder that does not open, use themis doctor.',
  arguments: [],
  flags: [...engineFlags],
  examples: [
    { line: 'themis status --dir ./data', what: 'for people' },
    { line: 'themis status --dir ./data -o json', what: 'for programs' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./status.js')).run,
};

const demo: Command = {
  path: ['demo'],
  summary: 'watch it crash, rot, lose a device, and heal',
  about:
    'Stores thousands of real files and records, kills a writing process with kill -9 several ' +
    'times, flips bits in the files of the store, deletes a device and lets another rot while ' +
    'clients read, and after each of these compares every byte with a ledger of what was ' +
    'acknowledged. Ends with 0 only when every byte was there. Works in a temporary folder that ' +
    'it removes again, with devices of its own.',
  arguments: [],
  flags: [
    {
      key: 'from',
      kind: 'text',
      placeholder: 'folder',
      description: 'the files to store (default: the dependencies of this package)',
    },
    seconds('about how long it may take', 45),
    seed,
    { key: 'keep', kind: 'switch', description: 'leave the folder behind to look around' },
    ...demoEngineFlags,
  ],
  examples: [
    { line: 'themis demo', what: 'about a minute' },
    { line: 'themis demo --seconds 10 --from ./src', what: 'shorter, with files of your own' },
    { line: 'themis demo --dir ./themis-demo', what: 'in a new folder that stays' },
    { line: 'themis demo -o json', what: 'the figures for a program' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./demo/run.js')).run,
};

/** The process that `demo` kills. */
const demoWriter: Command = {
  path: ['demo-writer'],
  summary: 'write until killed',
  about: 'Started by themis demo: writes to its store until it is killed.',
  arguments: [],
  flags: [
    seed,
    { ...seed, key: 'round', description: 'which of the kills this is for' },
    ...demoEngineFlags,
  ],
  examples: [],
  exits: [ok, failure, usage],
  isHidden: true,
  load: async () => (await import('./demo/writer.js')).run,
};

const doctor: Command = {
  path: ['doctor'],
  summary: 'say what this machine is good for, and what is wrong with a folder',
  about:
    'Checks what decides speed and safety here: the kernel for checksums and why it is not a ' +
    'better one, what a sync costs in each mode, file system, free space, Node.js. With --dir it ' +
    'also checks every checksum of a store without writing to it. Each line ends in OK, WARN or ' +
    'FAIL, and says what to do.',
  arguments: [],
  flags: [...engineFlags],
  examples: [
    { line: 'themis doctor', what: 'this machine, in the current folder' },
    { line: 'themis doctor --dir ./data', what: 'this machine, and that store' },
    { line: 'themis doctor --dir ./data -o json', what: 'for a program; exit code 3 on FAIL' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./doctor/run.js')).run,
};

/** A flag of the benchmarks, which check its value themselves. */
function benchFlag(key: string, placeholder: string, description: string): Flag {
  return { key, kind: 'text', placeholder, description };
}

const benchFlags: readonly Flag[] = [
  seconds('how long one measurement takes'),
  benchFlag('rounds', 'n', 'how often each is repeated; figures are medians (default: 5)'),
  benchFlag('workload', 'names', 'only these workloads of kv, or parts of names in micro'),
  benchFlag('writers', 'counts', 'requests in flight, such as 1,64,256'),
  benchFlag('valueBytes', 'sizes', 'bytes of a value, such as 100,1024'),
  benchFlag('keys', 'n', 'how many keys, such as 500k'),
  benchFlag('peers', 'names', 'other engines to measure: names, all, or none'),
  benchFlag('sync', 'mode', 'how the peer in C syncs: direct, dsync or fdatasync'),
  benchFlag('compare', 'report.json', 'an earlier report to compare with'),
  { key: 'quick', kind: 'switch', description: 'one short round: shows that it works' },
];

const bench: Command = {
  path: ['bench'],
  summary: 'measure this engine on this machine, beside others',
  about:
    'Runs a suite of benchmarks: wal is the log alone, kv the store beside other engines with ' +
    'the same durability, micro the arithmetic, check a short verdict on this machine. Peers ' +
    'that are not installed are left out, and the output says so. Nothing else should run ' +
    'meanwhile.',
  arguments: [
    {
      name: 'suite',
      description: 'wal, kv, blob, erasure, micro or check',
      isOptional: false,
      choices: ['wal', 'kv', 'blob', 'erasure', 'micro', 'check'],
    },
  ],
  flags: benchFlags,
  examples: [
    { line: 'themis bench check', what: 'is this machine fast, and if not, why' },
    { line: 'themis bench kv --rounds 5', what: 'the store beside its peers' },
    { line: 'themis bench wal -o json > wal.json', what: 'for a program' },
  ],
  exits: [ok, failure, usage, unhealthy],
  load: async () => (await import('./bench.js')).run,
};

/** The process in which `doctor` measures syncs. */
const doctorSync: Command = {
  path: ['doctor-sync'],
  summary: 'measure what a sync costs',
  about: 'Started by themis doctor: measures syncs in a folder and prints them as JSON.',
  arguments: [],
  flags: [],
  examples: [],
  exits: [ok, failure, usage],
  isHidden: true,
  load: async () => (await import('./doctor/sync-cost.js')).run,
};

/** The process in which `doctor` reads a folder. */
const doctorFolder: Command = {
  path: ['doctor-folder'],
  summary: 'check a folder',
  about: 'Started by themis doctor: checks a store without changing it and prints JSON.',
  arguments: [],
  flags: [...engineFlags],
  examples: [],
  exits: [ok, failure, usage],
  isHidden: true,
  load: async () => (await import('./doctor/folder-checks.js')).run,
};

/** In the order of the help. */
export const commands: readonly Command[] = [
  demo,
  get,
  put,
  remove,
  scan,
  ...objectCommands,
  ...deviceCommands,
  status,
  doctor,
  bench,
  demoWriter,
  doctorSync,
  doctorFolder,
];
