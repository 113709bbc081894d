/** The writer that is killed: what it says, and when. */
import * as path from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crashLanes, createCrashPlan } from '../../../../src/admin/cli/demo/crash-writes.js';
import { run } from '../../../../src/admin/cli/demo/writer.js';
import { Settings } from '../../../../src/admin/cli/settings.js';
import { createTerminal } from '../../../../src/admin/cli/terminal.js';
import { codeOf } from '../../../../src/base/index.js';
import { seededRandom } from '../../../../src/io/index.js';
import { Capture } from '../in-process.js';
import { MemoryStore } from '../memory-store.js';
import { finished, runCli, startCli, temporaryFolder } from '../spawn-cli.js';
import { sceneFixture } from './scene-fixture.js';

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
  const isOverwritten = plan(2, 0, count).key === last.key;
  const found = await runCli(['get', last.key, '--dir', path.join(cwd, 'd')], { cwd });
  if (isOverwritten) return;
  if (last.value === null) assert.is(found.exit, 4);
  else assert.equal(found.outBytes, last.value);
});

test('while its reader is slow, no lane begins a write before it has told the last', async () => {
  const untold: (() => void)[] = [];
  const stdout = new Writable({
    highWaterMark: 1 << 20,
    write(_chunk, _encoding, done) {
      untold.push(done);
    },
  });
  const controller = new AbortController();
  const { scene, machine } = sceneFixture({ signal: controller.signal });
  const store = new MemoryStore();
  let writes = 0;
  store.put = async () => {
    writes++;
  };
  store.del = async () => {
    writes++;
  };
  machine.stores.byFolder.set('/work/db', store);
  machine.files.makeDirectory('/work/db');
  const settings = new Map(
    Object.entries({ dir: '/work/db', seed: 1, round: 1 }).map(
      ([key, value]) => [key, { value, source: 'flag' as const }] as const,
    ),
  );
  const terminal = createTerminal({ stdout, stderr: new Capture(), env: {} }, false);
  const running = run({ ...scene.context, settings: new Settings(settings), terminal }).catch(
    (error: unknown) => error,
  );
  let lines = 0;
  const tellOne = async (): Promise<void> => {
    untold.shift()?.();
    lines++;
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  while (lines < 2 + 3 * crashLanes) {
    await tellOne();
    const told = Math.max(0, lines - 2);
    assert.ok(writes - told <= crashLanes, `${writes} writes, ${told} told`);
  }
  assert.ok(writes > 2 * crashLanes);
  controller.abort();
  while (untold.length > 0) await tellOne();
  assert.is(codeOf(await running), 'THEMIS_ABORTED');
});

test('a store that is not there is not made', async () => {
  const cwd = temporaryFolder();
  const words = ['demo-writer', '--dir', 'd', '--seed', '1', '--round', '1'];
  const { exit, err } = await runCli(words, { cwd });
  assert.is(exit, 1);
  assert.match(err, /THEMIS_FOLDER_INVALID/);
});

test.run();
