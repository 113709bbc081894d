/** Child processes of the program itself. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandContext } from '../../../src/admin/cli/command.js';
import { runSelf } from '../../../src/admin/cli/run-self.js';
import { codeOf } from '../../../src/base/index.js';

function context(script: string, signal: AbortSignal) {
  const self: CommandContext['environment']['self'] = [process.execPath, '-e', script];
  return { environment: { self } as CommandContext['environment'], signal };
}

test('what the child printed comes back, with its exit code', async () => {
  const script = 'console.log(process.argv[1]); console.error("note"); process.exitCode = 3';
  const found = await runSelf(context(script, new AbortController().signal), ['word']);
  assert.equal(found, { output: 'word\n', errors: 'note', exitCode: 3 });
});

test('Ctrl-C kills the child', async () => {
  const controller = new AbortController();
  const running = runSelf(context('setInterval(() => 0, 1000)', controller.signal), []);
  controller.abort();
  assert.is(codeOf(await running.catch((error: unknown) => error)), 'THEMIS_ABORTED');
  const late = runSelf(context('', controller.signal), []);
  assert.is(codeOf(await late.catch((error: unknown) => error)), 'THEMIS_ABORTED');
});

test.run();
