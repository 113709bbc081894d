/**
 * Which files of a LevelDB folder are alive: what the version edits in its MANIFEST add up to.
 *
 *   edit = (varint tag, fields)...
 *   1 comparator      length, name         5 compact pointer   level, length, key
 *   2 log number      number               6 deleted file      level, number
 *   3 next file       number               7 new file          level, number, bytes,
 *   4 last sequence   number                                   length, smallest, length, largest
 *   9 previous log    number
 */
import { unreachable } from '../base/index.js';
import { ByteCursor } from './byte-cursor.js';

const comparatorName = 'leveldb.BytewiseComparator';

const tags = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;
type Tag = (typeof tags)[keyof typeof tags];
const knownTags: ReadonlySet<number> = new Set(Object.values(tags));

/** The sum of the edits so far. */
export class LevelDbVersion {
  /** Logs below this number are not replayed; null until an edit names it. */
  logNumber: number | null = null;
  previousLog = 0;
  #nextFile: number | null = null;
  #lastSequence: number | null = null;
  /** Bytes by `level:number`: a file that moves between levels is deleted and added in one edit. */
  readonly #tables = new Map<string, { readonly number: number; readonly bytes: number }>();

  /** Applies one edit; says what is wrong with it, or null. */
  apply(record: Uint8Array): string | null {
    const cursor = new ByteCursor(record);
    const added: [string, { readonly number: number; readonly bytes: number }][] = [];
    while (!cursor.ended) {
      const tag = cursor.varint();
      if (!isTag(tag)) return `a version edit has the unknown tag ${tag}`;
      const why = this.#field(tag, cursor, added);
      if (why !== null) return why;
    }
    if (cursor.bad) return 'a version edit is cut short';
    for (const [key, table] of added) this.#tables.set(key, table);
    return null;
  }

  /** What every MANIFEST must have said and this one has not, or null. */
  missing(): string | null {
    if (this.logNumber === null) return 'it never names a log';
    if (this.#nextFile === null) return 'it never names the next file';
    return this.#lastSequence === null ? 'it never names a sequence' : null;
  }

  /** Bytes of each table that is alive, by its number. */
  tables(): Map<number, number> {
    return new Map([...this.#tables.values()].map(({ number, bytes }) => [number, bytes]));
  }

  #field(
    tag: Tag,
    cursor: ByteCursor,
    added: [string, { readonly number: number; readonly bytes: number }][],
  ): string | null {
    switch (tag) {
      case tags.comparator: {
        const name = Buffer.from(cursor.take(cursor.varint())).toString('latin1');
        return name === comparatorName || cursor.bad ? null : `its comparator is ${name}`;
      }
      case tags.logNumber:
        this.logNumber = cursor.varint();
        return null;
      case tags.nextFile:
        this.#nextFile = cursor.varint();
        return null;
      case tags.lastSequence:
        this.#lastSequence = cursor.varint();
        return null;
      case tags.compactPointer:
        cursor.varint();
        cursor.take(cursor.varint());
        return null;
      case tags.deletedFile:
        this.#tables.delete(`${cursor.varint()}:${cursor.varint()}`);
        return null;
      case tags.newFile: {
        const level = cursor.varint();
        const table = { number: cursor.varint(), bytes: cursor.varint() };
        cursor.take(cursor.varint());
        cursor.take(cursor.varint());
        added.push([`${level}:${table.number}`, table]);
        return null;
      }
      case tags.previousLog:
        this.previousLog = cursor.varint();
        return null;
      default:
        return unreachable(tag);
    }
  }
}

function isTag(tag: number): tag is Tag {
  return knownTags.has(tag);
}
