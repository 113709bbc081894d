/** Small logs for tests: records with contents that follow from their names, opening, reading. */
import { assert, viewOf } from '../../src/base/index.js';
import { type FileSystem, MemoryFileSystem } from '../../src/io/index.js';
import { portableKernel } from '../../src/kernel/index.js';
import type { BatchPlace, BatchSealer } from '../../src/wal/batch.js';
import {
  LogWriter,
  type LogWriterOptions,
  type RecoveredLog,
  recordBytes,
  recordHeaderBytes,
  recordKinds,
  recoverLog,
  writeRecordHeader,
} from '../../src/wal/index.js';
import { StreamIndexes } from '../../src/wal/stream-indexes.js';

export const dir = '/data';
export const segmentBytes = 64 * 1024;
export const kernel = portableKernel;

export const identity = {
  clusterId: new Uint8Array(16).fill(0xc1),
  nodeId: new Uint8Array(16).fill(0xd2),
  incarnation: 3,
};

export interface NamedRecord {
  readonly stream: number;
  readonly index: number;
  readonly payload: Uint8Array;
}

export function folder(capacityBytes?: number): MemoryFileSystem {
  const fs = new MemoryFileSystem(capacityBytes === undefined ? {} : { capacityBytes });
  fs.makeDirectory(dir);
  fs.syncDirectory('/');
  return fs;
}

/** Bytes that follow from stream, index and length, without zeros; all zero when index % 5 = 0. */
export function payloadOf(stream: number, index: number, length: number): Uint8Array {
  const payload = new Uint8Array(length);
  if (index % 5 === 0) return payload;
  for (let i = 0; i < length; i++) payload[i] = 1 + ((stream * 31 + index * 7 + i) % 255);
  return payload;
}

/** Records laid out as a producer does. The padding is filled with garbage on purpose. */
export function layOut(records: readonly NamedRecord[]): Uint8Array {
  const length = records.reduce((sum, { payload }) => sum + recordBytes(payload.length), 0);
  const bytes = new Uint8Array(length).fill(0xee);
  const view = viewOf(bytes);
  let at = 0;
  for (const { stream, index, payload } of records) {
    const header = { length: payload.length, kind: recordKinds.command, stream, index, ballot: 9 };
    writeRecordHeader(view, at, header);
    bytes.set(payload, at + recordHeaderBytes);
    at += recordBytes(payload.length);
  }
  return bytes;
}

export function optionsOf(
  fileSystem: FileSystem,
  overrides: Partial<LogWriterOptions> = {},
): LogWriterOptions {
  return {
    fileSystem,
    directory: dir,
    kernel,
    identity,
    syncMode: 'dsync',
    segmentBytes,
    spareSegments: 1,
    ballastBytes: 0,
    staging: new Uint8Array(64 * 1024),
    ...overrides,
  };
}

export interface OpenedLog {
  readonly recovered: RecoveredLog;
  readonly found: readonly NamedRecord[];
}

/** Recovers; the records found are copies. */
export function recover(
  fileSystem: FileSystem,
  overrides: Partial<LogWriterOptions> & { readonly acceptLoss?: boolean } = {},
): OpenedLog {
  const found: NamedRecord[] = [];
  const recovered = recoverLog({
    ...optionsOf(fileSystem, overrides),
    acceptLoss: overrides.acceptLoss ?? false,
    onRecord: ({ stream, index, payload }) => {
      found.push({ stream, index, payload: payload.slice() });
    },
  });
  return { recovered, found };
}

export function openLog(
  fileSystem: FileSystem,
  overrides: Partial<LogWriterOptions> = {},
): OpenedLog & { readonly writer: LogWriter } {
  const opened = recover(fileSystem, overrides);
  const writer = new LogWriter(optionsOf(fileSystem, overrides), opened.recovered.tail);
  return { ...opened, writer };
}

/** Writes one batch. */
export function append(writer: LogWriter, records: readonly NamedRecord[]): void {
  const bytes = layOut(records);
  writer.write(bytes, 0, bytes.length);
}

/** A run of records of one stream with payloads of these lengths. */
export function run(stream: number, first: number, lengths: readonly number[]): NamedRecord[] {
  return lengths.map((length, i) => {
    const index = first + i;
    return { stream, index, payload: payloadOf(stream, index, length) };
  });
}

/** `stream/index` of each. */
export function namesOf(records: readonly NamedRecord[]): string[] {
  return records.map(({ stream, index }) => `${stream}/${index}`);
}

/** Every record must have the payload that was written under its name with some length. */
export function assertContents(records: readonly NamedRecord[]): void {
  for (const { stream, index, payload } of records) {
    const same = Buffer.compare(payload, payloadOf(stream, index, payload.length)) === 0;
    assert(same, `record ${stream}/${index} has the contents that were written`);
  }
}

/** Seals one batch of these records; returns its byteLength. */
export function sealBatch(
  sealer: BatchSealer,
  records: Uint8Array,
  place: BatchPlace,
  streams = new StreamIndexes(new Map(), new Map()),
): number {
  sealer.begin(place);
  sealer.add(records, 0, records.length, streams);
  return sealer.finish();
}
