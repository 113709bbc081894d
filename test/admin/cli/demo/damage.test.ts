/** Planned damage. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { filesLike, flipBit, rotVolumes } from '../../../../src/admin/cli/demo/damage.js';
import { readWholeFile } from '../../../../src/admin/cli/read-file.js';
import { codeOf } from '../../../../src/base/index.js';
import { seededRandom } from '../../../../src/io/index.js';
import { Machine } from '../in-process.js';

test('exactly one bit changes, inside the range, and it is told', () => {
  const random = seededRandom(3).stream('rot');
  for (let i = 0; i < 50; i++) {
    const machine = new Machine();
    const before = Buffer.alloc(1000, i);
    machine.write('/work/f', before);
    const damage = flipBit(machine.files, '/work/f', { from: 100, to: 200 }, random);
    const after = readWholeFile(machine.files, '/work/f');
    const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
    assert.equal(changed, [damage.position]);
    assert.ok(damage.position >= 100 && damage.position < 200);
    assert.is(damage.after, after[damage.position]);
    const bits = (damage.before ^ damage.after).toString(2).replaceAll('0', '');
    assert.is(bits, '1');
  }
});

test('a file that is too short is an error, not a longer file', () => {
  const machine = new Machine();
  machine.write('/work/f', 'ab');
  try {
    const range = { from: 10, to: 20 };
    flipBit(machine.files, '/work/f', range, seededRandom(1).stream('rot'));
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_IO');
  }
  assert.is(machine.files.stat('/work/f')?.bytes, 2);
});

test('files are found by name, at any depth, the largest first', () => {
  const machine = new Machine();
  machine.files.makeDirectory('/work/s');
  machine.write('/work/1.ldb', 'a');
  machine.write('/work/s/2.ldb', 'abc');
  machine.write('/work/3.log', 'abcdef');
  assert.equal(filesLike(machine.files, '/work', /\.ldb$/), [
    { path: '/work/s/2.ldb', bytes: 3 },
    { path: '/work/1.ldb', bytes: 1 },
  ]);
});

test('volumes rot where fragments lie, in as many places as asked for', () => {
  const machine = new Machine();
  machine.files.makeDirectory('/work/volumes');
  const header = 4096;
  for (const name of ['00000001', '00000002', '00000003']) {
    machine.write(`/work/volumes/${name}.volume`, Buffer.alloc(header + 1000));
  }
  machine.write('/work/volumes/spare-00000004.volume', Buffer.alloc(header + 1000));
  const what = { used: 1500, flips: 200 };
  const random = seededRandom(1).stream('volumes');
  assert.is(rotVolumes(machine.files, '/work', what, random), 200);
  const changed = machine.files.list('/work/volumes').map((name) => {
    const bytes = readWholeFile(machine.files, `/work/volumes/${name}`);
    return [...bytes.keys()].filter((at) => bytes[at] !== 0);
  });
  const [first = [], second = [], ...rest] = changed;
  assert.ok(first.length > 50 && first.every((at) => at >= header));
  assert.ok(second.length > 50 && second.every((at) => at >= header && at < header + 500));
  assert.equal(rest, [[], []]);
  assert.is(rotVolumes(machine.files, '/work', { used: 0, flips: 5 }, random), 0);
});

test.run();
