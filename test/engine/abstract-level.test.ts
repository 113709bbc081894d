/**
 * abstract-level's own compliance suite, run against Themis on real folders, on the database and on
 * a sublevel. It prints TAP.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/engine/open-store.js';
import { Themis, type ThemisOptions } from '../../src/index.js';

const require = createRequire(import.meta.url);
const test = require('tape') as { onFinish(done: () => void): void };
const suite = require('abstract-level/test/index.js') as (options: {
  test: unknown;
  factory: (options?: ThemisOptions) => Themis;
}) => void;

const root = mkdtempSync(join(tmpdir(), 'themis-abstract-level-'));
let folders = 0;

/** The suite leaves databases open; each has threads. None uses one so many databases later. */
const leftOpenMax = 48;
const created: Themis[] = [];

function closeOld(): void {
  while (created.length > leftOpenMax) {
    const old = created.shift();
    // A test that holds the status locked closes its database itself.
    if (old?.status === 'open') old.close().catch(() => undefined);
  }
}

suite({
  test,
  factory: (options) => {
    // Small segments make opening cheap; not as an option, because hooks are shown all options.
    const db = new Themis(join(root, String(folders++)), options, (validated) =>
      openStore({ ...validated, segmentBytes: 1 << 20 }),
    );
    created.push(db);
    closeOld();
    return db;
  },
});

test.onFinish(() => rmSync(root, { recursive: true, force: true }));
