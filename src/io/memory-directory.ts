/**
 * Folders of the memory file system and the journal of changes to names.
 *
 * A change of a name is live at once and durable after the sync of its folder (a rename: of the
 * folder of the new name). A power cut may keep any set of the pending changes in which
 *
 *   - a change comes with all earlier changes of the same name,
 *   - a rename comes with the pending names of the folders on its way (so that no folder ends up
 *     inside itself),
 *   - the removal of a folder comes with everything that happened in it before.
 *
 * So a rename is all or nothing, and what was moved is never lost between two names.
 */
import type { MemoryFile, SettledChoice } from './memory-file.js';

export type MemoryNode = MemoryFile | MemoryDirectory;

export class MemoryDirectory {
  readonly kind = 'directory';
  /** Names as processes see them. */
  readonly live = new Map<string, MemoryNode>();
  /** Names that survive a power cut for certain. */
  readonly durable = new Map<string, MemoryNode>();
}

interface NameEffect {
  readonly directory: MemoryDirectory;
  readonly name: string;
  /** What the name stands for afterwards; null removes it. */
  readonly node: MemoryNode | null;
}

export interface NameChange {
  readonly kind: 'create' | 'remove' | 'rename';
  /** The last effect's folder is the one whose sync makes the change durable. */
  readonly effects: readonly NameEffect[];
  /** What is created, removed or moved. */
  readonly subject: MemoryNode;
  /** What a rename replaced. */
  readonly replaced: MemoryNode | null;
  /** Every folder on the way to the names. */
  readonly ancestors: ReadonlySet<MemoryDirectory>;
}

export class NameJournal {
  #changes: NameChange[] = [];

  /** Makes a change live. */
  record(change: NameChange): void {
    for (const { directory, name, node } of change.effects) setName(directory.live, name, node);
    this.#changes.push(change);
  }

  /** Makes the changes of a folder durable, and the changes that those come with. */
  sync(directory: MemoryDirectory): void {
    const chosen = new Set<NameChange>();
    for (const change of this.#changes.toReversed()) {
      const own = change.effects.at(-1)?.directory === directory;
      if (own || [...chosen].some((later) => dependsOn(later, change))) chosen.add(change);
    }
    const kept: NameChange[] = [];
    for (const change of this.#changes) {
      if (chosen.has(change)) applyDurable(change);
      else kept.push(change);
    }
    this.#changes = kept;
  }

  /** Makes durable what the choice leaves after a power cut, and forgets the rest. */
  settle(choice: SettledChoice): void {
    for (const change of this.#surviving(choice)) applyDurable(change);
    this.#changes = [];
  }

  clone(copyOf: (node: MemoryNode) => MemoryNode): NameJournal {
    const directoryOf = (directory: MemoryDirectory): MemoryDirectory => {
      const copy = copyOf(directory);
      return copy.kind === 'directory' ? copy : directory;
    };
    const copy = new NameJournal();
    copy.#changes = this.#changes.map((change) => ({
      kind: change.kind,
      effects: change.effects.map(({ directory, name, node }) => ({
        directory: directoryOf(directory),
        name,
        node: node === null ? null : copyOf(node),
      })),
      subject: copyOf(change.subject),
      replaced: change.replaced === null ? null : copyOf(change.replaced),
      ancestors: new Set([...change.ancestors].map(directoryOf)),
    }));
    return copy;
  }

  #surviving(choice: SettledChoice): readonly NameChange[] {
    if (choice === 'keep-all') return this.#changes;
    if (choice === 'drop-unsynced' || this.#changes.length === 0) return [];
    const { random, keep } = choice;
    // Half of the crashes look like one ordered journal, half like a freer file system.
    if (random.chance(0.5)) return this.#changes.slice(0, random.below(this.#changes.length + 1));
    const dropped: NameChange[] = [];
    return this.#changes.filter((change) => {
      const kept = random.chance(keep) && !dropped.some((earlier) => dependsOn(change, earlier));
      if (!kept) dropped.push(change);
      return kept;
    });
  }
}

function dependsOn(change: NameChange, earlier: NameChange): boolean {
  for (const effect of change.effects) {
    for (const other of earlier.effects) {
      if (effect.directory === other.directory && effect.name === other.name) return true;
    }
  }
  const emptied = change.kind === 'remove' ? change.subject : change.replaced;
  if (emptied?.kind === 'directory') {
    if (earlier.effects.some((effect) => effect.directory === emptied)) return true;
  }
  if (change.kind !== 'rename' || earlier.subject.kind !== 'directory') return false;
  return change.ancestors.has(earlier.subject);
}

function applyDurable(change: NameChange): void {
  for (const { directory, name, node } of change.effects) setName(directory.durable, name, node);
}

function setName(names: Map<string, MemoryNode>, name: string, node: MemoryNode | null): void {
  if (node === null) names.delete(name);
  else names.set(name, node);
}
