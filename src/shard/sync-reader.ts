/** Reads that must return with the value: what the reading threads do, done by this one. */
import { must } from '../base/index.js';
import { limits } from '../config/index.js';
import type { BlobDevices } from './blob-ports.js';
import { PathTable, planPiece, type Wanted } from './piece-plan.js';
import { type JudgeParts, ReadJudge } from './read-judge.js';
import { readPieces } from './read-pieces.js';
import { type TaskParts, TaskSetting } from './task-setting.js';

export interface SyncReaderParts extends TaskParts, JudgeParts {
  readonly devices: Pick<BlobDevices, 'locate' | 'readPlace' | 'reportFault'>;
  readonly clusterId: Uint8Array;
}

export class SyncReader {
  readonly #parts: SyncReaderParts;
  readonly #judge: ReadJudge;
  /** Made by the first read. */
  #setting: TaskSetting | null = null;
  readonly #progress = new Int32Array(new SharedArrayBuffer(4));

  constructor(parts: SyncReaderParts) {
    this.#parts = parts;
    this.#judge = new ReadJudge(parts);
  }

  /** The wanted bytes, in memory of their own. Throws THEMIS_BLOB_LOST. */
  read(wanted: Wanted): Uint8Array<ArrayBuffer> {
    const { devices, clusterId } = this.#parts;
    this.#setting ??= new TaskSetting(this.#parts);
    for (let attempt = 1; ; attempt++) {
      const table = new PathTable();
      const plan = planPiece(wanted, devices, table, () => false);
      const argument = {
        clusterId,
        paths: table.paths,
        pieces: [plan.piece],
        progress: this.#progress,
      };
      const result = must(readPieces(argument, this.#setting)[0], 'a result for the piece');
      this.#judge.note(plan, result.findings);
      if (result.kind === 'ok') return result.bytes;
      if (attempt === limits.blobReadAttempts || !this.#judge.mayChange(plan, result.stripe)) {
        throw this.#judge.lost(wanted.manifest, result);
      }
    }
  }

  close(): void {
    this.#setting?.close();
    this.#setting = null;
  }
}
