/** Files and records. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CorpusFile, cutRecords, walk } from '../../../../src/admin/cli/demo/corpus.js';
import { Machine } from '../in-process.js';

function records(name: string, text: string, most = 100): unknown[] {
  const file: CorpusFile = { path: `/${name}`, name, bytes: text.length };
  return cutRecords(file, Buffer.from(text), most).map((record) => JSON.parse(record));
}

test('files come in the order of their names, without links and histories', () => {
  const machine = new Machine();
  for (const folder of ['/f', '/f/b', '/f/b/c', '/f/.bin', '/f/.git']) {
    machine.files.makeDirectory(folder);
  }
  for (const path of ['/f/z', '/f/a', '/f/b/c/d', '/f/.bin/x', '/f/.git/y']) {
    machine.write(path, 'text');
  }
  assert.equal(
    [...walk(machine.files, '/f')],
    [
      { path: '/f/a', name: 'a', bytes: 4 },
      { path: '/f/b/c/d', name: 'b/c/d', bytes: 4 },
      { path: '/f/z', name: 'z', bytes: 4 },
    ],
  );
});

test('folders that never end are left at some depth', () => {
  const machine = new Machine();
  let folder = '/work';
  for (let i = 0; i < 40; i++) {
    folder = `${folder}/d`;
    machine.files.makeDirectory(folder);
    machine.write(`${folder}/f`, '');
  }
  assert.is([...walk(machine.files, '/work')].length, 24);
});

test('of a long file there are evenly spaced records', () => {
  const text = Array.from({ length: 100 }, (_, i) => `a line that is long enough ${i}`).join('\n');
  const found = records('a.md', text, 4).map((record) => Reflect.get(Object(record), 'line'));
  assert.equal(found, [1, 26, 51, 76]);
});

test('a package.json gives its fields, source its longer lines, other files nothing', () => {
  assert.equal(records('x/package.json', '{"name": "x", "files": ["a"]}'), [
    { file: 'x/package.json', field: 'name', value: 'x' },
    { file: 'x/package.json', field: 'files', value: ['a'] },
  ]);
  assert.equal(records('a.js', 'short\n  const aLine = "that is long enough";\n'), [
    { file: 'a.js', line: 2, text: 'const aLine = "that is long enough";' },
  ]);
  assert.equal(records('a.bin', 'const aLine = "that is long enough";'), []);
  for (const broken of ['{', 'null', '5']) assert.equal(records('package.json', broken), []);
  assert.equal(records('a.js', 'x'.repeat(300_000)), [], 'bundles are no records');
});

test.run();
