/** Tables made by LevelDB: every byte is checked, whatever their blocks hold. */
import * as nodeFs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryFileSystem } from '../../src/io/index.js';
import { checkTable, type TableVerdict } from '../../src/metadata/leveldb-table.js';
import { tableKernel } from '../wal/table-kernel.js';

/** The bytes of one table with these values, as LevelDB writes it. */
async function tableOf(values: readonly string[], compression: boolean): Promise<Buffer> {
  const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'themis-table-'));
  try {
    const level = new ClassicLevel<string, string>(folder, { compression, blockSize: 1024 });
    const operations = values.map((value, i) => ({ type: 'put' as const, key: `key-${i}`, value }));
    await level.batch(operations);
    await level.compactRange('', '~');
    await level.close();
    const name = nodeFs.readdirSync(folder).find((each) => each.endsWith('.ldb')) ?? '';
    return nodeFs.readFileSync(path.join(folder, name));
  } finally {
    nodeFs.rmSync(folder, { recursive: true });
  }
}

function check(bytes: Uint8Array): { readonly verdict: TableVerdict; readonly read: number } {
  const fs = new MemoryFileSystem();
  const file = fs.open('/table', { access: 'read-write', create: true });
  file.write(bytes, 0, bytes.length, 0);
  const steps = checkTable(file, tableKernel);
  let read = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return { verdict: step.value, read };
    read += step.value;
  }
}

const texts = Array.from({ length: 60 }, (_, i) => `${i * 7919}`.repeat(1 + (i % 30)));
const tables = [
  await tableOf(texts, true),
  await tableOf(texts, false),
  await tableOf(['v'], true),
];

test('sound tables are sound, and each of their bytes was read once', () => {
  for (const table of tables) {
    assert.equal(check(table), { verdict: { kind: 'sound' }, read: table.length });
  }
});

test('a flipped bit in every byte is damage', () => {
  for (const table of tables) {
    const step = table.length > 4_000 ? 7 : 1;
    for (let at = table.length - 1; at >= 0; at -= at > table.length - 400 ? 1 : step) {
      table[at] = (table[at] ?? 0) ^ (1 << (at % 8));
      assert.is(check(table).verdict.kind, 'damaged', `byte ${at} of ${table.length}`);
      table[at] = (table[at] ?? 0) ^ (1 << (at % 8));
    }
  }
});

test('every bit of the footer counts', () => {
  for (const table of tables) {
    for (let bit = 0; bit < 48 * 8; bit++) {
      const at = table.length - 48 + (bit >> 3);
      table[at] = (table[at] ?? 0) ^ (1 << (bit & 7));
      assert.is(check(table).verdict.kind, 'damaged', `bit ${bit}`);
      table[at] = (table[at] ?? 0) ^ (1 << (bit & 7));
    }
  }
});

test('a table cut anywhere, or with bytes added, is damage', () => {
  for (const table of tables) {
    for (let length = 0; length < table.length; length += length < 60 ? 1 : 37) {
      assert.is(check(table.subarray(0, length)).verdict.kind, 'damaged', `${length} bytes`);
    }
    const extra = Buffer.concat([table.subarray(0, -48), Buffer.alloc(1), table.subarray(-48)]);
    assert.is(check(extra).verdict.kind, 'damaged');
    assert.is(check(Buffer.concat([Buffer.alloc(1), table])).verdict.kind, 'damaged');
  }
});

test('a value of several megabytes is one block, and is read whole', async () => {
  const table = await tableOf(['x'.repeat(3 << 20), 'small'], false);
  assert.equal(check(table), { verdict: { kind: 'sound' }, read: table.length });
  table[2 << 20] = 0;
  assert.is(check(table).verdict.kind, 'damaged');
});

test.run();
