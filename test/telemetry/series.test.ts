/** The rules for names and labels, each with a definition that breaks it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { MetricsArena } from '../../src/telemetry/index.js';

const bad: readonly (readonly [string, (arena: MetricsArena) => void])[] = [
  ['metric name wal_syncs_total', (a) => a.counter('wal_syncs_total', 'x')],
  ['metric name themis_logSync_total', (a) => a.counter('themis_logSync_total', 'x')],
  ['metric name themis_total', (a) => a.counter('themis_total', 'x')],
  ['_total is for counters: themis_log_syncs', (a) => a.counter('themis_log_syncs', 'x')],
  ['_total is for counters: themis_log_total', (a) => a.gauge('themis_log_total', 'x')],
  ['the end of themis_log_sum belongs to histograms', (a) => a.gauge('themis_log_sum', 'x')],
  ['metric themis_log_lag has a help text', (a) => a.gauge('themis_log_lag', '')],
  [
    'bounds of themis_log_bytes are finite and ascend',
    (a) => a.histogram('themis_log_bytes', 'x', [1, 1]),
  ],
  [
    'bounds of themis_log_bytes are finite and ascend',
    (a) => a.histogram('themis_log_bytes', 'x', [1, Number.POSITIVE_INFINITY]),
  ],
  ['a histogram has bounds: themis_log_bytes', (a) => a.histogram('themis_log_bytes', 'x', [])],
  ['label le of themis_log_lag', (a) => a.gauge('themis_log_lag', 'x', { le: '1' })],
  ['label Kind of themis_log_lag', (a) => a.gauge('themis_log_lag', 'x', { Kind: '1' })],
  ['metric themis_old_lag is defined twice', (a) => a.gauge('themis_old_lag', 'old', { a: '1' })],
  [
    'metric themis_old_lag has one kind and help',
    (a) => a.gauge('themis_old_lag', 'new', { a: '2' }),
  ],
  [
    'all series of themis_old_lag have the same label names',
    (a) => a.gauge('themis_old_lag', 'old', { b: '1' }),
  ],
];

for (const [message, define] of bad) {
  test(`refused: ${message}`, () => {
    const arena = new MetricsArena();
    arena.gauge('themis_old_lag', 'old', { a: '1' });
    assert.throws(
      () => define(arena),
      (error: unknown) =>
        isThemisError(error, 'THEMIS_ASSERTION') && error.message.endsWith(`: ${message}`),
    );
    assert.equal(arena.names(), ['themis_old_lag'], 'nothing was defined');
  });
}

test.run();
