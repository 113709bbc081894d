/** The verdict on a damaged log, for every case of its table. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ThemisError } from '../../src/base/index.js';
import { judgeLog, type LogVerdict } from '../../src/engine/damage-verdict.js';
import { commandStream, type LogReport } from '../../src/engine/log-service.js';
import type { Damage } from '../../src/wal/index.js';

const applied = 100;
const file = '/data/log/0000000000000001.wal';

function reportOf(overrides: Partial<LogReport> & { readonly batchNumber?: number }): LogReport {
  const { batchNumber = 50, ...rest } = overrides;
  const none: ReadonlyMap<number, number> = new Map();
  return {
    ballot: 1,
    incarnation: 1,
    membershipEpoch: 1,
    superblockRepaired: 0,
    firstIndex: 1,
    lastIndex: 200,
    tail: {
      sequence: 1,
      segmentTag: 1,
      offset: 8192,
      chain: 0,
      batchNumber,
      syncedPosition: 0,
      sealed: [],
      current: none,
      lastIndexes: none,
    },
    damages: [],
    torn: null,
    cut: null,
    repairedBlocks: 0,
    mode: 'dsync',
    batchBytesMax: 65536,
    records: 0,
    bytes: 0,
    backlog: null,
    replayFrom: null,
    ...rest,
  };
}

function damageOf(overrides: Partial<Damage>): Damage {
  return {
    kind: 'corrupt',
    file,
    offset: 8192,
    bytes: 4096,
    what: 'a payload fails its checksum',
    known: [],
    lost: [],
    blind: false,
    ...overrides,
  };
}

function judged(
  report: LogReport,
  recovery: 'refuse' | 'accept-loss' = 'refuse',
): LogVerdict | ThemisError {
  try {
    return judgeLog(report, applied, recovery);
  } catch (error) {
    if (error instanceof ThemisError) return error;
    throw error;
  }
}

function isRefused(verdict: LogVerdict | ThemisError): verdict is ThemisError {
  return verdict instanceof ThemisError;
}

test('a sound log that reaches the state needs no words', () => {
  for (const lastIndex of [applied, applied + 1]) {
    const expected = { notes: [], snapshotWanted: false, restartLog: false };
    assert.equal(judged(reportOf({ lastIndex })), expected);
  }
});

test('damage is lived with when all that it may have cost is applied, or accepted', () => {
  for (const kind of ['corrupt', 'unknown'] as const) {
    for (const recovery of ['refuse', 'accept-loss'] as const) {
      for (const stream of [commandStream, 7]) {
        for (const lastIndex of [applied - 1, applied, applied + 1, null]) {
          for (const blind of [false, true]) {
            const lost = [{ stream, firstIndex: applied - 5, lastIndex }];
            const damages = [damageOf({ kind, lost, blind })];
            const verdict = judged(reportOf({ damages }), recovery);
            const own = stream === commandStream;
            const needless = own ? lastIndex !== null && lastIndex <= applied : !blind;
            const name = `${kind} ${recovery} stream ${stream} to ${lastIndex} blind ${blind}`;
            assert.is(isRefused(verdict), !needless && recovery === 'refuse', name);
            if (!isRefused(verdict)) {
              assert.is(verdict.notes.length, 1, name);
              assert.ok(verdict.snapshotWanted, name);
              continue;
            }
            const code = kind === 'corrupt' ? 'THEMIS_LOG_CORRUPT' : 'THEMIS_LOG_UNKNOWN';
            assert.is(verdict.code, code, name);
            assert.match(verdict.message, `${file} is damaged at offset 8192`, name);
          }
        }
      }
    }
  }
});

test('one needed range among needless ones refuses, and the message names the ranges', () => {
  const lost = [
    { stream: commandStream, firstIndex: 1, lastIndex: 5 },
    { stream: commandStream, firstIndex: 150, lastIndex: null },
  ];
  const verdict = judged(reportOf({ damages: [damageOf({ lost })] }));
  assert.ok(isRefused(verdict));
  assert.match(verdict.message, 'records 1 to 5, 150 to the end');
});

test('damage of the very batch where replay begins is refused: it would be read', () => {
  const lost = [{ stream: commandStream, firstIndex: 1, lastIndex: applied }];
  const damages = [damageOf({ lost })];
  const at = { sequence: 1, offset: 8192 };
  assert.ok(isRefused(judged(reportOf({ damages, replayFrom: at }))));
  for (const elsewhere of [null, { ...at, sequence: 2 }, { ...at, offset: 12288 }]) {
    assert.not(isRefused(judged(reportOf({ damages, replayFrom: elsewhere }))));
  }
});

test('a log that lacks what the state has is refused, unless the loss was accepted', () => {
  for (const lastIndex of [1, applied - 1]) {
    const refused = judged(reportOf({ lastIndex }));
    assert.ok(isRefused(refused));
    assert.is(refused.code, 'THEMIS_LOG_CORRUPT');
    const accepted = judged(reportOf({ lastIndex }), 'accept-loss');
    assert.ok(!isRefused(accepted));
    assert.ok(accepted.restartLog);
    assert.match(accepted.notes[0] ?? '', `record ${lastIndex}`);
  }
});

test('a log without records was truncated, or it never held any and was lost', () => {
  const truncated = judged(reportOf({ firstIndex: 0, lastIndex: 0 }));
  assert.equal(truncated, { notes: [], snapshotWanted: false, restartLog: true });
  assert.ok(isRefused(judged(reportOf({ firstIndex: 0, lastIndex: 0, batchNumber: 1 }))));
});

test('what was cut with permission is told, with where it is kept', () => {
  const cut = { file: '/data/log/2.wal', offset: 4096, bytes: 512, aside: ['/data/aside/2'] };
  const verdict = judged(reportOf({ cut }), 'accept-loss');
  assert.ok(!isRefused(verdict));
  assert.match(verdict.notes[0] ?? '', '/data/aside/2');
});

test.run();
