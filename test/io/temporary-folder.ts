/** Folders of the node twin's tests: one per process, removed when it ends. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

let base: string | null = null;

/** A new, empty folder. */
export function temporaryFolder(): string {
  if (base === null) {
    const created = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-io-'));
    process.on('exit', () => fs.rmSync(created, { recursive: true, force: true }));
    base = created;
  }
  return fs.mkdtempSync(path.join(base, 'case-'));
}
