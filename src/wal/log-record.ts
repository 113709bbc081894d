/**
 * A record as recovery and the reader show it. One object is used for all records of a scan: it
 * and everything it points to is valid during the call that receives it.
 */
import { readU64 } from '../base/index.js';
import { recordHeaderBytes, recordOffsets } from './record.js';
import type { SegmentWindow } from './segment-window.js';

export class LogRecord {
  kind = 0;
  stream = 0;
  index = 0;
  ballot = 0;
  /** Memory that holds the payload, at payloadStart, payloadLength bytes long. */
  bytes: Uint8Array;
  payloadStart = 0;
  payloadLength = 0;
  /** Log position of the record. */
  position = 0;
  /** Log position of its batch, where a reader can start. */
  batchPosition = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The payload, a view. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.payloadStart + this.payloadLength);
  }
}

/** Points `record` at the record that starts at `start` of the window. */
export function fillRecord(record: LogRecord, window: SegmentWindow, start: number): void {
  const { view } = window;
  record.kind = view.getUint16(start + recordOffsets.kind, true);
  record.stream = view.getUint32(start + recordOffsets.stream, true);
  record.index = readU64(view, start + recordOffsets.index);
  record.ballot = readU64(view, start + recordOffsets.ballot);
  record.payloadStart = start + recordHeaderBytes;
  record.payloadLength = view.getUint32(start + recordOffsets.length, true);
}
