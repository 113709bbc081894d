/** The writer that is killed: what it says, and when. */
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrashPlan } from '../../../../src/admin/cli/demo/crash-writes.js';
import { seededRandom } from '../../../../src/io/index.js';
import { finished, runCli, startCli, temporaryFolder } from '../spawn-cli.js';

test('what it said before it was killed is there', async () => {
  const cwd = temporaryFolder();
  await runCli(['put', 'k', 'v', '--dir', 'd'], { cwd });
  const writer = startCli(['demo-writer', '--dir', 'd', '--seed', '5', '--round', '2'], { cwd });
  writer.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.includes('\n0.\n')) writer.kill('SIGKILL');
  });
  const { out } = await finished(writer);
  assert.match(out, /^opening\nopen\n(\d+\.\n)+/);
  const count = out.split('\n').filter((line) => line === '0.').length;
  const plan = createCrashPlan(seededRandom(5));
  const last = plan(2, 0, count - 1);
  const overwritten = plan(2, 0, count).key === last.key;
  const found = await runCli(['get', last.key, '--dir', path.join(cwd, 'd')], { cwd });
  if (overwritten) return;
  if (last.value === null) assert.is(found.exit, 4);
  else assert.equal(found.outBytes, last.value);
});

test('a store that is not there is not made', async () => {
  const cwd = temporaryFolder();
  const words = ['demo-writer', '--dir', 'd', '--seed', '1', '--round', '1'];
  const { exit, err } = await runCli(words, { cwd });
  assert.is(exit, 1);
  assert.match(err, /THEMIS_FOLDER_INVALID/);
});

test.run();
