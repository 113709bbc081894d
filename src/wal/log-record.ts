/**
 * A record as recovery and the reader show it. One object is used for all records of a scan: it
 * and everything it points to is valid during the call that receives it.
 */
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
