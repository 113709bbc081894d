/** The environment: only what is Themis's, as it is now. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { environment } from '../../src/config/index.js';

test('variables with the prefix are returned, frozen, and no others', () => {
  const name = 'THEMIS_TEST_OF_ENVIRONMENT';
  assert.is(environment()[name], undefined);
  process.env[name] = 'here';
  try {
    const own = environment();
    assert.is(own[name], 'here');
    assert.ok(Object.isFrozen(own));
    for (const key of Object.keys(own)) assert.ok(key.startsWith('THEMIS_'), key);
  } finally {
    delete process.env[name];
  }
});

test.run();
