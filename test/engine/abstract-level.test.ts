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

interface Tape {
  (name: string, body: (t: TapeTest) => unknown): void;
  onFinish(done: () => void): void;
}

interface TapeTest {
  teardown(task: () => Promise<void>): void;
}

const require = createRequire(import.meta.url);
const tape = require('tape') as Tape;
const suite = require('abstract-level/test/index.js') as (options: {
  test: unknown;
  factory: (options?: ThemisOptions) => Themis;
}) => void;

const root = mkdtempSync(join(tmpdir(), 'themis-abstract-level-'));
let folders = 0;
let created: Themis[] = [];

/** Some tests leave databases open, each with its threads: they are closed behind the test. */
function test(name: string, body: (t: TapeTest) => unknown): void {
  tape(name, (t) => {
    created = [];
    // What is set up for several tests is torn down by the last of them; a few tests reopen a
    // sublevel whenever it is closed.
    if (!/set ?up|on clos(ed|ing) event/i.test(name)) t.teardown(closeCreated);
    return body(t);
  });
}

async function closeCreated(): Promise<void> {
  const left = created.filter((db) => db.status === 'open' || db.status === 'opening');
  for (const db of left) {
    // One that its test made fail cannot be closed, and has nothing to let go of.
    await db.close().catch(() => undefined);
  }
}

suite({
  test: Object.assign(test, tape),
  factory: (options) => {
    // Small segments make opening cheap; not as an option, because hooks are shown all options.
    const db = new Themis(join(root, String(folders++)), options, (validated) =>
      openStore({ ...validated, segmentBytes: 1 << 20 }),
    );
    created.push(db);
    return db;
  },
});

tape.onFinish(() => rmSync(root, { recursive: true, force: true }));
