/**
 * abstract-level's own compliance suite, run against Themis on real folders, on the database and on
 * a sublevel. It prints TAP.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Themis, type ThemisOptions } from '../../src/index.js';

const require = createRequire(import.meta.url);
const test = require('tape') as { onFinish(done: () => void): void };
const suite = require('abstract-level/test/index.js') as (options: {
  test: unknown;
  factory: (options?: ThemisOptions) => Themis;
}) => void;

const root = mkdtempSync(join(tmpdir(), 'themis-abstract-level-'));
let folders = 0;

suite({
  test,
  factory: (options) =>
    new Themis(join(root, String(folders++)), { segmentBytes: 1 << 20, ...options }),
});

test.onFinish(() => rmSync(root, { recursive: true, force: true }));
