/** What every contestant of the suite `blob` looks like: values by number, in a folder. */
export interface BlobPeer {
  /** Resolves when the value survives a power cut. The bytes are not changed before that. */
  put(number: number, value: Uint8Array): Promise<unknown>;
  /** The value, in memory of its own. */
  get(number: number): Promise<Uint8Array>;
  close(): Promise<unknown>;
}

export interface BlobContestant {
  readonly name: string;
  /** What a resolved put means, for the report. */
  readonly durability: string;
  /** Opens a folder that exists: empty, or filled and closed before. */
  open(folder: string): Promise<BlobPeer>;
  /** Makes the folder of a closed store lose what its redundancy may lose; null where it has none. */
  readonly degrade: ((folder: string) => void) | null;
}
