/** The machine of a device's states: every state under every event. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type DeviceEvent,
  type DeviceState,
  isWritable,
  readRank,
  step,
  takesCopies,
  whyOf,
} from '../../src/device/device-state.js';

const states = {
  healthy: { kind: 'healthy' },
  full: { kind: 'degraded', cause: 'full', why: 'old' },
  'read-only': { kind: 'degraded', cause: 'read-only', why: 'old' },
  damage: { kind: 'degraded', cause: 'damage', why: 'old' },
  rebuilding: { kind: 'rebuilding', isFull: false, why: 'old' },
  'rebuilding-full': { kind: 'rebuilding', isFull: true, why: 'old' },
  vanished: { kind: 'failed', cause: 'vanished', why: 'old' },
  broken: { kind: 'failed', cause: 'broken', why: 'old' },
} as const satisfies Record<string, DeviceState>;

type Name = keyof typeof states;

function nameOf(state: DeviceState): string {
  if (state.kind === 'rebuilding') return state.isFull ? 'rebuilding-full' : 'rebuilding';
  return state.kind === 'healthy' ? 'healthy' : state.cause;
}

/** What follows each state, in the order of `states`; a dot: it stays, the very same object. */
const table: Readonly<Record<DeviceEvent['kind'], string>> = {
  full: 'full . full full rebuilding-full . . .',
  room: '. healthy . . . rebuilding . .',
  'read-only': 'read-only read-only . read-only broken broken . .',
  damage: 'damage . . . . . . .',
  healed: '. . . healthy . . . .',
  vanished: 'vanished vanished vanished vanished vanished vanished . vanished',
  broken: 'broken broken broken broken broken broken broken .',
  'begin-rebuild': 'rebuilding rebuilding-full rebuilding rebuilding . . . .',
  'end-rebuild': '. . . . healthy full . .',
  returned: '. . . . . . rebuilding .',
};

test('every state under every event', () => {
  const names = Object.keys(states) as Name[];
  for (const [kind, row] of Object.entries(table)) {
    for (const [i, expected] of row.split(' ').entries()) {
      const before = states[names[i] as Name];
      const after = step(before, { kind, why: 'new' } as DeviceEvent);
      const what = `${names[i]} under ${kind}`;
      if (expected === '.') assert.is(after, before, what);
      else assert.is(nameOf(after), expected, what);
    }
  }
});

test('what takes writes, and what is read last', () => {
  const writable = Object.values(states).map((state) => isWritable(state));
  assert.equal(writable, [true, false, false, true, true, false, false, false]);
  const copying = Object.values(states).map((state) => takesCopies(state));
  assert.equal(copying, [true, true, false, true, true, true, false, false]);
  const ranks = Object.values(states).map((state) => readRank(state));
  assert.equal(ranks, [0, 0, 0, 0, 0, 0, 1, 1]);
  assert.is(whyOf(states.healthy), '');
  assert.is(whyOf(states.broken), 'old');
});

test.run();
