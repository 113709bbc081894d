/** The version of this package, from its package.json. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
let version = '';

export function packageVersion(): string {
  if (version === '') {
    const { version: found } = require('../../../package.json') as { version: string };
    version = found;
  }
  return version;
}
