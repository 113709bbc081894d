/** A resident thread that the test plays: what drivers use of one. */
import type { ThemisError } from '../../src/base/index.js';
import type { ResidentThread } from '../../src/pool/index.js';

export class ThreadPlayed {
  references = 0;
  isClosed = false;
  reported: (event: unknown) => void = () => undefined;
  died: (error: ThemisError) => void = () => undefined;

  get asThread(): ResidentThread {
    return this as Partial<ResidentThread> as ResidentThread;
  }

  ref(): void {
    this.references++;
  }

  unref(): void {
    this.references--;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** A few turns of the event loop: what was to happen by itself has happened. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
