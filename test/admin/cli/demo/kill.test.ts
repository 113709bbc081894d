/** Killing a writing process, with a script in place of the program. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type KillPlan, writeUntilKilled } from '../../../../src/admin/cli/demo/kill.js';
import { codeOf, messageOf } from '../../../../src/base/index.js';
import { sceneFixture } from './scene-fixture.js';

const plan: KillPlan = { round: 1, after: 'open', delayMs: 0 };

function scripted(script: string, signal?: AbortSignal) {
  const self = [process.execPath, '-e', script] as const;
  return sceneFixture(signal === undefined ? { self } : { self, signal }).scene;
}

/** A script that prints what a writer prints, then waits to be killed. */
function writer(text: string): string {
  return `process.stdout.write(${JSON.stringify(text)}); setInterval(() => 0, 1000)`;
}

test('acknowledgements are counted by lane, and only whole lines', async () => {
  const scene = scripted(writer('opening\n3.\n3.\n12.\n99.\nx.\n\nopen\n1'));
  const killed = await writeUntilKilled(scene, plan);
  const counts = [...killed.acknowledged.entries()].filter(([, count]) => count > 0);
  assert.equal(counts, [
    [3, 2],
    [12, 1],
  ]);
  assert.is(killed.hadOpened, true);
  assert.ok(killed.pid > 0);
});

test('a writer can be killed before it has opened', async () => {
  const scene = scripted(writer('opening\n'));
  const killed = await writeUntilKilled(scene, { ...plan, after: 'opening' });
  assert.is(killed.hadOpened, false);
});

test('a writer that ends by itself is a failure that says why', async () => {
  const cases: [string, RegExp][] = [
    ['console.error("themis: THEMIS_IO: no disk"); process.exitCode = 1', /THEMIS_IO: no disk/],
    ['process.exitCode = 7', /exit code 7/],
  ];
  for (const [script, reason] of cases) {
    const error = await writeUntilKilled(scripted(script), plan).catch((one: unknown) => one);
    assert.is(codeOf(error), 'THEMIS_TASK_FAILED');
    assert.match(messageOf(error), reason);
  }
});

test('Ctrl-C kills the writer', async () => {
  const controller = new AbortController();
  const scene = scripted(writer('opening\n'), controller.signal);
  const running = writeUntilKilled(scene, plan);
  setImmediate(() => controller.abort());
  assert.is((await running).hadOpened, false);
});

test.run();
