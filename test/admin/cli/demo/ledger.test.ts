/** The oracle: it must find every kind of fault, and nothing else. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, Ledger } from '../../../../src/admin/cli/demo/ledger.js';
import { readWholeFile } from '../../../../src/admin/cli/read-file.js';
import { Machine } from '../in-process.js';
import { MemoryStore } from '../memory-store.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const digest = (text: string): string => digestOf(bytes(text));

function setUp() {
  const machine = new Machine();
  const copy = machine.files.open('/work/ledger', { access: 'read-write', create: true });
  const ledger = new Ledger(copy);
  const store = new MemoryStore();
  const verify = () =>
    ledger.verify(
      store,
      () => 0,
      () => undefined,
    );
  return { machine, ledger, store, verify };
}

test('what was acknowledged and is there passes, with its bytes counted', async () => {
  const { ledger, store, verify } = setUp();
  for (const name of ['a', 'b']) {
    await store.put(bytes(name), bytes(`value ${name}`));
    ledger.acknowledged(name, digest(`value ${name}`));
  }
  const { keys, bytes: total, faults } = await verify();
  assert.equal([keys, total, faults], [2, 14, []]);
  assert.is(ledger.size, 2);
});

test('lost, wrong, old, made-up and revived values are all found', async () => {
  const cases: [string, (store: MemoryStore, ledger: Ledger) => Promise<void>, string][] = [
    ['lost', async (_, ledger) => ledger.acknowledged('k', digest('v')), 'k is lost'],
    [
      'wrong',
      async (store, ledger) => {
        await store.put(bytes('k'), bytes('w'));
        ledger.acknowledged('k', digest('v'));
      },
      'k has a wrong value',
    ],
    [
      'old',
      async (store, ledger) => {
        await store.put(bytes('k'), bytes('old'));
        ledger.acknowledged('k', digest('old'));
        ledger.acknowledged('k', digest('new'));
      },
      'k has a wrong value',
    ],
    ['made up', async (store) => store.put(bytes('k'), bytes('v')), 'k was never written'],
    [
      'revived',
      async (store, ledger) => {
        await store.put(bytes('k'), bytes('v'));
        ledger.acknowledged('k', digest('v'));
        ledger.acknowledged('k', null);
      },
      'k has a wrong value',
    ],
  ];
  for (const [name, arrange, fault] of cases) {
    const { ledger, store, verify } = setUp();
    await arrange(store, ledger);
    assert.equal((await verify()).faults, [fault], name);
  }
});

test('what was in flight may be old or new, and whichever it was must stay', async () => {
  for (const found of ['old', 'new']) {
    const { ledger, store, verify } = setUp();
    ledger.acknowledged('k', digest('old'));
    ledger.inFlight('k', digest('new'));
    assert.is(ledger.unsettled, 1);
    await store.put(bytes('k'), bytes(found));
    assert.equal((await verify()).faults, []);
    assert.is(ledger.unsettled, 0);
    await store.put(bytes('k'), bytes(found === 'old' ? 'new' : 'old'));
    assert.equal((await verify()).faults, ['k has a wrong value'], `${found}, then the other`);
  }
});

test('a delete or a first write in flight leaves absence open, once', async () => {
  const { ledger, store, verify } = setUp();
  ledger.inFlight('first', digest('v'));
  ledger.acknowledged('gone', digest('v'));
  ledger.inFlight('gone', null);
  assert.equal((await verify()).faults, []);
  assert.is(ledger.unsettled, 0);
  assert.is(ledger.size, 0);
  await store.put(bytes('first'), bytes('v'));
  assert.equal((await verify()).faults, ['first has a wrong value'], 'it was found absent before');
});

test('a third value is wrong also while one is in flight', async () => {
  const { ledger, store, verify } = setUp();
  ledger.acknowledged('k', digest('old'));
  ledger.inFlight('k', digest('new'));
  await store.put(bytes('k'), bytes('third'));
  assert.equal((await verify()).faults, ['k has a wrong value']);
});

test('the copy tells the same to other tools', () => {
  const { machine, ledger } = setUp();
  ledger.acknowledged('a', digest('1'));
  ledger.acknowledged('a', null);
  ledger.acknowledged('b', digest('2'));
  ledger.close();
  const text = readWholeFile(machine.files, '/work/ledger').toString('utf8');
  assert.is(text, `${digest('1')}  a\ndeleted  a\n${digest('2')}  b\n`);
  assert.equal(ledger.keys(), ['b']);
  assert.is(ledger.last('a'), null);
});

test.run();
