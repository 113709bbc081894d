/**
 * The sweeps at full size, behind `npm run sweep`:
 *
 *   node dist/test/sweep.js [name ...] [--seed n] [--operations n]
 *
 * Without names every sweep runs. A violation ends its sweep with the line that repeats the case;
 * the others go on. Exit code 0: none was found. 1: some were. 2: unknown name or option.
 */
import { parseArgs } from 'node:util';
import { codeOf, messageOf } from '../src/base/index.js';
import {
  sweepBitFlips,
  sweepDamagedSnapshots,
  sweepLogCuts,
  sweepLostState,
  sweepMissingFiles,
  sweepStateDamage,
} from './crash/damage-sweeps.js';
import { sweepDeviceCrashes, sweepDeviceFaults, sweepDeviceFlips } from './crash/device-sweeps.js';
import { type SweepResult, sweepFaults, sweepPowerCuts } from './crash/engine-sweeps.js';
import { sweepFullDisks } from './crash/full-disk.js';
import { onDevices } from './crash/memory-machine.js';
import { sweepRepairCrashes } from './crash/repair-sweeps.js';
import * as wal from './crash/wal-sweeps.js';

interface Size {
  readonly seed: number;
  readonly operations: number;
  readonly progress: (states: number) => void;
}

type Sweep = (size: Size) => SweepResult | Promise<SweepResult>;

const devices = { store: onDevices, atOnce: 1 } as const;
const fdatasync = { store: { syncMode: 'fdatasync' } } as const;
/** Every nth call of a long run; with every one, each case is a whole run of its own. */
const faultStep = 3;

/** Each case is a whole run of its own. */
const deviceFaults = (size: Size): Size & { step: number } => {
  return { ...size, operations: size.operations / 10, step: faultStep };
};

const sweeps: Readonly<Record<string, Sweep>> = {
  'power-cuts': (size) => sweepPowerCuts({ ...size, randomStates: 3 }),
  'power-cuts-fdatasync': (size) => sweepPowerCuts({ ...size, ...fdatasync, randomStates: 3 }),
  'power-cuts-devices': (size) => sweepPowerCuts({ ...size, ...devices, randomStates: 1, step: 3 }),
  'eio-devices': (size) => sweepFaults({ ...size, ...devices, error: 'EIO', step: faultStep }),
  'enospc-devices': (size) =>
    sweepFaults({ ...size, ...devices, error: 'ENOSPC', step: faultStep }),
  eio: (size) => sweepFaults({ ...size, error: 'EIO', step: faultStep }),
  enospc: (size) => sweepFaults({ ...size, error: 'ENOSPC', step: faultStep }),
  'short-writes': (size) => sweepFaults({ ...size, ...fdatasync, error: 'short-write' }),
  'full-disk': (size) => sweepFullDisks({ ...size, operations: 64 }),
  cuts: (size) => sweepLogCuts(size),
  flips: (size) => sweepBitFlips(size),
  missing: (size) => sweepMissingFiles(size),
  snapshots: (size) => sweepDamagedSnapshots(size),
  state: (size) => sweepStateDamage(size),
  'state-lost': (size) => sweepLostState(size),
  'device-power-cuts': (size) => sweepDeviceCrashes({ ...size, operations: size.operations / 5 }),
  'device-eio': (size) => sweepDeviceFaults({ ...deviceFaults(size), error: 'EIO' }),
  'device-enospc': (size) => sweepDeviceFaults({ ...deviceFaults(size), error: 'ENOSPC' }),
  'device-enoent': (size) => sweepDeviceFaults({ ...deviceFaults(size), error: 'ENOENT' }),
  'device-flips': (size) => sweepDeviceFlips({ ...size, operations: size.operations / 5 }),
  'repair-replaced': (size) => sweepRepairCrashes({ ...size, kind: 'replaced' }),
  'repair-rotten': (size) => sweepRepairCrashes({ ...size, kind: 'rotten' }),
  'repair-while-open': (size) => sweepRepairCrashes({ ...size, kind: 'replaced-while-open' }),
  'repair-spare': (size) => sweepRepairCrashes({ ...size, kind: 'spare' }),
  'wal-torn': () => wal.sweepTornTails(12, 'text'),
  'wal-torn-zeros': () => wal.sweepTornTails(12, 'zeros'),
  'wal-cuts': ({ seed }) => wal.sweepCuts(1, seed),
  'wal-flips': ({ seed }) => wal.sweepBitFlips(1, seed),
};

function readArguments(): { names: readonly string[]; seed: number; operations: number } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      operations: { type: 'string', default: '500' },
    },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(sweeps, name));
  const known = Object.keys(sweeps);
  if (unknown !== undefined) {
    throw new RangeError(`no sweep is named ${unknown}; there are ${known.join(', ')}`);
  }
  const [seed, operations] = [Number(values.seed), Number(values.operations)];
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(operations) || operations < 1) {
    throw new RangeError('--seed and --operations need whole numbers');
  }
  return { names: positionals.length > 0 ? positionals : known, seed, operations };
}

/** Runs one; true when it found nothing. */
async function run(name: string, seed: number, operations: number): Promise<boolean> {
  const began = performance.now();
  const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const show = process.stdout.isTTY === true;
  const progress = (states: number): void => {
    if (show) process.stdout.write(`\r${name}: ${states} states, ${seconds()} `);
  };
  try {
    const sweep = sweeps[name];
    if (sweep === undefined) throw new RangeError(`no sweep is named ${name}`);
    const { states, outcomes } = await sweep({ seed, operations, progress });
    console.log(`${show ? '\r' : ''}${name}: ${states} states, ${seconds()}`);
    for (const [outcome, count] of Object.entries(outcomes)) {
      console.log(`${String(count).padStart(9)}  ${outcome}`);
    }
    return true;
  } catch (error) {
    console.log(`${show ? '\n' : ''}${name}: VIOLATION after ${seconds()}\n  ${messageOf(error)}`);
    return false;
  }
}

try {
  const { names, seed, operations } = readArguments();
  let violations = 0;
  for (const name of names) if (!(await run(name, seed, operations))) violations++;
  console.log(violations === 0 ? 'No violation.' : `${violations} sweeps found violations.`);
  process.exitCode = violations === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof RangeError) && !codeOf(error)?.startsWith('ERR_PARSE_ARGS')) throw error;
  console.error(messageOf(error));
  process.exitCode = 2;
}
