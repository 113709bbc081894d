/**
 * A record as recovery and the reader show it. One object is used for all records of a scan: it
 * and everything it points to is valid during the call that receives it.
 */
import { recordHeaderBytes, recordOffsets } from './record.js';
import type { SegmentWindow } from './segment-window.js';

/** The fields' places in words of 4 bytes. */
const at = {
  length: recordOffsets.length / 4,
  kind: recordOffsets.kind / 4,
  stream: recordOffsets.stream / 4,
  index: recordOffsets.index / 4,
  ballot: recordOffsets.ballot / 4,
} as const;

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
  const { words } = window;
  const first = start >>> 2;
  record.payloadLength = words[first + at.length] as number;
  record.kind = (words[first + at.kind] as number) & 0xffff;
  record.stream = words[first + at.stream] as number;
  record.index = longAt(words, first + at.index);
  record.ballot = longAt(words, first + at.ballot);
  record.payloadStart = start + recordHeaderBytes;
}

function longAt(words: Uint32Array, word: number): number {
  return (words[word] as number) + (words[word + 1] as number) * 0x1_0000_0000;
}
