/** Values that come in chunks from files and stdin. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileSource, stdinSource } from '../../../src/admin/cli/value-source.js';
import { codeOf } from '../../../src/base/index.js';
import { sceneFixture } from './demo/scene-fixture.js';

function refusal(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return codeOf(error);
  }
  return undefined;
}

test('a file comes in chunks, whatever its length', async () => {
  const { scene, machine } = sceneFixture();
  for (const length of [0, 1, 2 ** 20, 2 ** 20 + 1, 2_500_000]) {
    const bytes = Buffer.alloc(length, 'some text ');
    machine.write(`/work/f${length}`, bytes);
    const source = fileSource(scene.context, `f${length}`, 'the file');
    assert.is(source.bytes, length === 0 ? null : length);
    const chunks: Buffer[] = [];
    for await (const chunk of source.chunks) chunks.push(Buffer.from(chunk));
    assert.ok(Buffer.concat(chunks).equals(bytes));
    assert.ok(chunks.length <= 3);
  }
});

test('what is no file, or a person at the keyboard, is refused before anything is opened', () => {
  const { context } = sceneFixture().scene;
  for (const path of ['absent', '/work']) {
    assert.is(
      refusal(() => fileSource(context, path, 'the file')),
      'THEMIS_USAGE',
    );
  }
  const stdin = Object.assign((async function* () {})(), { isTTY: true });
  const asked = { ...context, environment: { ...context.environment, stdin } };
  assert.is(
    refusal(() => stdinSource(asked, 'pipe something in')),
    'THEMIS_USAGE',
  );
});

test.run();
