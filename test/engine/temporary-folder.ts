/** Folders of the engine's tests: removed when the process ends. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** A new, empty folder. */
export function temporaryFolder(): string {
  const created = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-engine-'));
  process.on('exit', () => fs.rmSync(created, { recursive: true, force: true }));
  return created;
}
