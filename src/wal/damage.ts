/**
 * Damage of the log as data, and what of each stream it may have cost.
 *
 * Where a damaged record still has a good header, it is known by name. Where it has not, what is
 * missing follows from the stream's neighbours: between the last index before the damage and the
 * next one that is seen. Nothing is called lost when the next one follows directly.
 */

export interface RecordName {
  readonly stream: number;
  readonly index: number;
  readonly ballot: number;
}

/** A range that may be lost; lastIndex is null when nothing later of the stream was found. */
export interface LostRange {
  readonly stream: number;
  readonly firstIndex: number;
  readonly lastIndex: number | null;
}

export interface Damage {
  /** `corrupt`: synced data is damaged. `unknown`: acknowledged records may be among it. */
  readonly kind: 'corrupt' | 'unknown';
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  /** What is wrong, for people. */
  readonly what: string;
  /** Damaged records with a good header. */
  readonly known: readonly RecordName[];
  /** Every record that this damage may have cost, `known` included. */
  readonly lost: readonly LostRange[];
  /** May there be lost records of streams that `lost` does not name? */
  readonly blind: boolean;
}

/** What the log holds of a stream: a contiguous run, except where damages say otherwise. */
export interface StreamRange {
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly lastBallot: number;
}

interface OpenRange {
  firstIndex: number;
  lastIndex: number;
  lastBallot: number;
  /** Blind damages that were found before the stream was last seen. */
  blindSeen: number;
}

type OpenDamage = Omit<Damage, 'lost'> & { readonly lost: LostRange[] };

export class DamageLedger {
  readonly #streams = new Map<number, OpenRange>();
  readonly #damages: OpenDamage[] = [];
  readonly #blind: OpenDamage[] = [];
  #stream = -1;
  #range: OpenRange = { firstIndex: 0, lastIndex: 0, lastBallot: 0, blindSeen: 0 };

  /** A record with a good header, intact or named in a damage. */
  see(stream: number, index: number, ballot: number): void {
    if (stream !== this.#stream) this.#switchTo(stream, index);
    const range = this.#range;
    if (range.blindSeen < this.#blind.length) this.#closeGap(stream, range, index);
    // The chain is intact here: a jump is one that the writer made (restartStream).
    else if (index !== range.lastIndex + 1) range.firstIndex = index;
    range.lastIndex = index;
    range.lastBallot = ballot;
  }

  add(damage: Omit<Damage, 'lost'>): void {
    const lost = damage.known.map(({ stream, index }) => ({
      stream,
      firstIndex: index,
      lastIndex: index,
    }));
    const open = { ...damage, lost };
    this.#damages.push(open);
    if (damage.blind) this.#blind.push(open);
  }

  get count(): number {
    return this.#damages.length;
  }

  streams(): Map<number, StreamRange> {
    return new Map(
      [...this.#streams].map(([stream, { firstIndex, lastIndex, lastBallot }]) => [
        stream,
        { firstIndex, lastIndex, lastBallot },
      ]),
    );
  }

  /** All damages; streams that were not seen again may have lost everything behind their last. */
  finish(): Damage[] {
    for (const [stream, range] of this.#streams) {
      for (const damage of this.#blind.slice(range.blindSeen)) {
        damage.lost.push({ stream, firstIndex: range.lastIndex + 1, lastIndex: null });
      }
    }
    return this.#damages;
  }

  #switchTo(stream: number, index: number): void {
    let range = this.#streams.get(stream);
    if (range === undefined) {
      range = { firstIndex: index, lastIndex: index - 1, lastBallot: 0, blindSeen: 0 };
      this.#streams.set(stream, range);
      // Nothing says where a stream began that damage may have hidden: from 1, to be safe.
      if (this.#blind.length > 0) range.lastIndex = 0;
    }
    this.#stream = stream;
    this.#range = range;
  }

  #closeGap(stream: number, range: OpenRange, index: number): void {
    const damages = this.#blind.slice(range.blindSeen);
    range.blindSeen = this.#blind.length;
    if (index <= range.lastIndex + 1) return;
    const lost = { stream, firstIndex: range.lastIndex + 1, lastIndex: index - 1 };
    for (const damage of damages) damage.lost.push(lost);
  }
}
