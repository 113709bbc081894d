/** Answers that carry memory along: piscina sees what to move, everybody else a plain answer. */
import { transferableSymbol, valueSymbol } from 'piscina';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Moved, outcomeOf, outcomeValue } from '../../src/pool/index.js';
import { moving } from '../../src/pool/moved.js';

test('an answer names its buffers to piscina and keeps its fields', () => {
  const buffer = new ArrayBuffer(8);
  const answer = { kind: 'ok', value: new Uint8Array(buffer) };
  const marked = moving(answer, [buffer]);
  assert.is(marked.kind, 'ok');
  assert.is(marked.value, answer.value);
  assert.equal(Reflect.get(marked, transferableSymbol), [buffer]);
  assert.is(Reflect.get(marked, valueSymbol), answer);
});

test('run inline, a Moved is its value and nothing moves', async () => {
  const buffer = new ArrayBuffer(8);
  const outcome = await outcomeOf(() => new Moved({ buffer }, [buffer]));
  assert.is(outcomeValue(outcome, 'inline').buffer, buffer);
  assert.is(buffer.byteLength, 8);
});

test.run();
