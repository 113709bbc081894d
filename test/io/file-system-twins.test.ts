/** The memory twin and the machine's file system answer the same to any sequence of calls. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import {
  type FileHandle,
  type FileSystem,
  MemoryFileSystem,
  nodeFileSystem,
} from '../../src/io/index.js';
import { temporaryFolder } from './temporary-folder.js';

const names = ['a', 'b', 'd', 'd/x', 'd/y', 'd/e', 'd/e/z', 'b/q'] as const;
const name = fc.constantFrom(...names);
const at = fc.integer({ min: 0, max: 10_000 });

const step = fc.oneof(
  fc.record({ call: fc.constant('create' as const), name }),
  fc.record({ call: fc.constant('open' as const), name }),
  fc.record({ call: fc.constant('write' as const), handle: fc.nat(3), at, length: at }),
  fc.record({ call: fc.constant('read' as const), handle: fc.nat(3), at, length: at }),
  fc.record({ call: fc.constant('truncate' as const), handle: fc.nat(3), at }),
  fc.record({ call: fc.constantFrom('sync' as const, 'close' as const), handle: fc.nat(3) }),
  fc.record({ call: fc.constant('rename' as const), name, target: name }),
  fc.record({
    call: fc.constantFrom(
      'list' as const,
      'stat' as const,
      'makeDirectory' as const,
      'unlink' as const,
      'syncDirectory' as const,
      'removeTree' as const,
    ),
    name,
  }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Plays steps on one file system and notes every result that a caller can see. */
class Player {
  readonly results: string[] = [];
  readonly #files: FileSystem;
  readonly #root: string;
  readonly #handles: FileHandle[] = [];

  constructor(files: FileSystem, root: string) {
    this.#files = files;
    this.#root = root;
  }

  play(steps: readonly Step[]): void {
    for (const [number, taken] of steps.entries()) {
      this.results.push(`${number} ${taken.call}: ${this.#outcome(taken, number + 1)}`);
    }
    for (const handle of this.#handles.splice(0)) handle.close();
  }

  #outcome(taken: Step, byte: number): string {
    try {
      return JSON.stringify(this.#perform(taken, byte) ?? null);
    } catch (error) {
      return codeOf(error) ?? `${error}`;
    }
  }

  #perform(taken: Step, byte: number): unknown {
    switch (taken.call) {
      case 'create':
      case 'open': {
        const options = { access: 'read-write', create: taken.call === 'create' } as const;
        const handle = this.#files.open(`${this.#root}/${taken.name}`, options);
        return this.#handles.push(handle);
      }
      case 'write':
      case 'read':
      case 'truncate':
      case 'sync':
      case 'close':
        return this.#useHandle(taken, byte);
      case 'rename':
        return this.#files.rename(`${this.#root}/${taken.name}`, `${this.#root}/${taken.target}`);
      default:
        return this.#files[taken.call](`${this.#root}/${taken.name}`);
    }
  }

  #useHandle(taken: Extract<Step, { handle: number }>, byte: number): unknown {
    const handle = this.#handles[taken.handle];
    if (handle === undefined) return 'no handle';
    switch (taken.call) {
      case 'write': {
        const bytes = new Uint8Array(taken.length).fill(byte);
        return [handle.write(bytes, 0, taken.length, taken.at), handle.size()];
      }
      case 'read': {
        const bytes = new Uint8Array(taken.length);
        const count = handle.read(bytes, 0, taken.length, taken.at);
        return [count, Buffer.from(bytes).toString('base64')];
      }
      case 'truncate':
        handle.truncate(taken.at);
        return handle.size();
      case 'sync':
        return handle.sync();
      case 'close':
        this.#handles.splice(taken.handle, 1);
        return handle.close();
    }
  }
}

test('both twins answer the same to any sequence of calls', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const memory = new MemoryFileSystem();
      memory.makeDirectory('/db');
      const twins = [new Player(memory, '/db'), new Player(nodeFileSystem(), temporaryFolder())];
      for (const player of twins) player.play(steps);
      assert.equal(twins[0]?.results, twins[1]?.results);
    }),
    { numRuns: 300 },
  );
});

test.run();
