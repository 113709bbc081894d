/** What a user would take instead: one file for each value, written, synced and closed. */
import fs from 'node:fs';
import path from 'node:path';
import type { BlobContestant } from './contestant.js';

export const plainFiles: BlobContestant = {
  name: 'plain files',
  durability: 'fsync of the file',
  degrade: null,
  async open(folder) {
    const pathOf = (number: number): string => path.join(folder, `${number}`);
    return {
      async put(number, value) {
        const file = await fs.promises.open(pathOf(number), 'w');
        try {
          await file.writeFile(value);
          await file.sync();
        } finally {
          await file.close();
        }
      },
      get: (number) => fs.promises.readFile(pathOf(number)),
      async close() {
        // Every put is closed by itself.
      },
    };
  },
};
