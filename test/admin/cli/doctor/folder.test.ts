/** The folder's place, and what the checking process prints. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseFindings, placeFinding } from '../../../../src/admin/cli/doctor/folder.js';
import { Machine } from '../in-process.js';

test('a folder is a folder that is there', () => {
  const machine = new Machine();
  machine.write('/work/file', '');
  assert.is(placeFinding(machine.files, '/work').verdict, 'OK');
  assert.match(placeFinding(machine.files, '/work/file').text, /is not a folder/);
  const absent = placeFinding(machine.files, '/work/absent');
  assert.is(absent.verdict, 'FAIL');
  assert.match(absent.advice, /--dir/);
});

test('findings are read with care', () => {
  const finding = { topic: 'log', verdict: 'OK', text: 'fine', advice: '' };
  assert.equal(parseFindings(JSON.stringify([finding])), [finding]);
  for (const wrong of ['', '{}', '[1]']) assert.throws(() => parseFindings(wrong));
});

test.run();
