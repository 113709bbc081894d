/** Requests reach the writer's methods by name, and a name that nobody knows is refused. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { answerRequest } from '../../src/wal/log-request.js';
import { append, folder, openLog, run } from './log-fixture.js';

test('truncate, restart and status are answered by the writer', () => {
  const { writer } = openLog(folder());
  for (let index = 1; index <= 4; index++) append(writer, run(1, index, [30_000]));
  assert.equal(answerRequest(writer, 'status', null), writer.status());
  assert.ok(writer.status().segments > 1);
  assert.is(answerRequest(writer, 'truncate', { stream: 1, index: 4 }), null);
  assert.is(writer.status().segments, 1);
  assert.is(answerRequest(writer, 'restart', { stream: 1 }), null);
  append(writer, run(1, 9, [10]));
});

test('an unknown request is an assertion', () => {
  const { writer } = openLog(folder());
  assert.throws(
    () => answerRequest(writer, 'sing', null),
    (error: unknown) => isThemisError(error, 'THEMIS_ASSERTION'),
  );
});

test.run();
