/** Where a checkout's addon is, whether it was built, and temporary folders for tests. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout, seen from dist/test/kernel. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const target = `${process.platform}-${process.arch}`;
const paths = ['build/Release', `prebuilds/${target}`, `prebuilds/${target}-musl`];

/** The addon of this checkout, or null (no compiler): the tests then cover the tiers there are. */
export const addonFile: string | null =
  paths.map((path) => join(root, path, 'themis.node')).find((path) => existsSync(path)) ?? null;

/** Runs `body` with an empty folder that is removed afterwards. */
export async function withFolder<T>(body: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'themis-kernel-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
