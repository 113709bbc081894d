/** Thread entries are where the pool says, and each exports the function that it runs. */
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { workerUrls } from '../../src/pool/index.js';

for (const [name, url] of Object.entries(workerUrls)) {
  test(`the entry of the ${name} thread is a file that exports run`, async () => {
    assert.ok(existsSync(url), url.href);
    const { run } = (await import(url.href)) as { run?: unknown };
    assert.type(run, 'function');
  });
}

test.run();
