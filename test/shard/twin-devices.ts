/**
 * Devices for tests of blobs: files of a memory file system, real fragments, and answers that come
 * when the test wants. What real devices do besides is tested in test/device.
 */
import { must, ThemisError } from '../../src/base/index.js';
import { fragmentHeaderBytes, placeFragment } from '../../src/device/fragment.js';
import type { FragmentMemory, FragmentName, FragmentPlace } from '../../src/device/index.js';
import { type FileHandle, MemoryFileSystem } from '../../src/io/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import type { BlobDevices, BlobDeviceView } from '../../src/shard/blob-ports.js';

type State = BlobDeviceView['state'];
type Done = (error: ThemisError | null) => void;

interface Twin {
  readonly number: number;
  readonly path: string;
  readonly handle: FileHandle;
  state: State;
  end: number;
  /** `hold` keeps appends until they are released; an error refuses them. */
  behaviour: 'prompt' | 'hold' | ThemisError;
  held: (() => void)[];
}

export class TwinDevices implements BlobDevices {
  readonly fileSystem = new MemoryFileSystem();
  readonly faults: { device: number; error: unknown }[] = [];
  readonly readFailures: { device: number; code: string }[] = [];
  readonly #twins: Twin[];
  readonly #index = new Map<number, Map<string, FragmentPlace>>();
  sessions = 0;
  /** Appends that devices were asked for. */
  appends = 0;

  constructor(count: number) {
    this.#twins = Array.from({ length: count }, (_, number) => {
      const path = `/device-${number}`;
      const handle = this.fileSystem.open(path, { access: 'read-write', create: true });
      return { number, path, handle, state: 'healthy', end: 0, behaviour: 'prompt', held: [] };
    });
  }

  get devices(): BlobDeviceView[] {
    return this.#twins.map(({ number, path, state }) => {
      return { number, path, state, role: 'active', isWritable: state !== 'failed' };
    });
  }

  async startSession(knownBlobMax: number) {
    this.sessions = Math.max(this.sessions, Math.floor(knownBlobMax / 2 ** 32)) + 1;
    return { session: this.sessions, nonce: Uint8Array.of(9, 8, 7, 6, 5, 4, 3, this.sessions) };
  }

  append(
    device: number,
    name: FragmentName,
    memory: FragmentMemory,
    offset: number,
    bytes: number,
    done: Done,
  ): void {
    this.appends += 1;
    const twin = this.twin(device);
    const answer = (): void =>
      this.#answer(twin, name, memory.bytes.subarray(offset, offset + bytes), done);
    if (twin.behaviour === 'hold') twin.held.push(answer);
    else queueMicrotask(answer);
  }

  locate(blob: number, stripe: number, number: number): FragmentPlace | null {
    const place = this.#index.get(blob)?.get(`${stripe}/${number}`);
    return place === undefined || this.twin(place.device).state === 'failed' ? null : place;
  }

  readPlace({ device, offset, bytes }: FragmentPlace) {
    return { path: this.twin(device).path, offset, bytes };
  }

  forgetBlob(blob: number): void {
    this.#index.delete(blob);
  }

  visit(
    _cursor: number,
    _entries: number,
    visit: (name: FragmentName, place: FragmentPlace) => void,
  ): number | null {
    for (const [blob, fragments] of [...this.#index]) {
      for (const [name, place] of [...fragments]) {
        const [stripe, number] = name.split('/').map(Number) as [number, number];
        visit({ blob, stripe, number }, place);
      }
    }
    return null;
  }

  reportFault(device: number, error: unknown): void {
    this.faults.push({ device, error });
  }

  reportReadFailure(device: number, code: string): void {
    this.readFailures.push({ device, code });
  }

  /** All that is kept, by blob. */
  get blobs(): number[] {
    return [...this.#index.keys()];
  }

  twin(number: number): Twin {
    return must(this.#twins[number], 'a device of the test');
  }

  fail(...numbers: number[]): void {
    for (const number of numbers) this.twin(number).state = 'failed';
  }

  heal(): void {
    for (const twin of this.#twins) twin.state = 'healthy';
  }

  refuse(
    number: number,
    code: 'THEMIS_DEVICE_FAILED' | 'THEMIS_DEVICE_FULL' = 'THEMIS_DEVICE_FAILED',
  ): void {
    this.twin(number).behaviour = new ThemisError(code, `device ${number} refuses`);
  }

  hold(number: number): void {
    this.twin(number).behaviour = 'hold';
  }

  /** Answers what was held, and goes on promptly. */
  release(number: number): void {
    this.twin(number).behaviour = 'prompt';
    this.answerHeld(number);
  }

  /** Answers what was held so far. */
  answerHeld(number: number): void {
    for (const answer of this.twin(number).held.splice(0)) answer();
  }

  forgetFragment({ blob, stripe, number }: FragmentName): boolean {
    const fragments = this.#index.get(blob);
    const isThere = fragments?.delete(`${stripe}/${number}`) ?? false;
    if (fragments?.size === 0) this.#index.delete(blob);
    return isThere;
  }

  lose(blob: number, stripe: number, number: number): void {
    this.forgetFragment({ blob, stripe, number });
  }

  /** Flips a bit of a fragment: of its header or of its data. */
  damage(blob: number, stripe: number, number: number, byte = fragmentHeaderBytes): void {
    const place = must(this.#index.get(blob)?.get(`${stripe}/${number}`), 'the fragment is kept');
    this.fileSystem.flipBit(this.twin(place.device).path, place.offset + byte, 3);
  }

  /** Copies a fragment to another place of its device and leaves the old one to something else. */
  move(blob: number, stripe: number, number: number): void {
    const place = must(this.#index.get(blob)?.get(`${stripe}/${number}`), 'the fragment is kept');
    const twin = this.twin(place.device);
    const copy = new Uint8Array(place.bytes);
    twin.handle.read(copy, 0, place.bytes, place.offset);
    twin.handle.write(copy, 0, place.bytes, twin.end);
    twin.handle.write(new Uint8Array(place.bytes).fill(255), 0, place.bytes, place.offset);
    this.#note({ blob, stripe, number }, { ...place, offset: twin.end });
    twin.end += place.bytes;
  }

  /** The bytes of a fragment as they lie on its device. */
  bytesOf(blob: number, stripe: number, number: number): Uint8Array {
    const place = must(this.#index.get(blob)?.get(`${stripe}/${number}`), 'the fragment is kept');
    const bytes = new Uint8Array(place.bytes);
    this.twin(place.device).handle.read(bytes, 0, place.bytes, place.offset);
    return bytes;
  }

  /** Lets one fragment pass for another: what lies at its place becomes the other's bytes. */
  overwrite(name: FragmentName, bytes: Uint8Array): void {
    const { blob, stripe, number } = name;
    const place = must(this.#index.get(blob)?.get(`${stripe}/${number}`), 'the fragment is kept');
    this.twin(place.device).handle.write(bytes, 0, bytes.length, place.offset);
  }

  #answer(twin: Twin, name: FragmentName, bytes: Uint8Array, done: Done): void {
    if (twin.behaviour instanceof ThemisError) {
      done(twin.behaviour);
      return;
    }
    if (twin.state === 'failed') {
      done(new ThemisError('THEMIS_DEVICE_FAILED', `device ${twin.number} is gone`));
      return;
    }
    const copy = bytes.slice();
    placeFragment(kernel, copy, 0, 1);
    twin.handle.write(copy, 0, copy.length, twin.end);
    const { number: device } = twin;
    this.#note(name, { device, volume: 1, offset: twin.end, bytes: copy.length, digest: 0 });
    twin.end += copy.length;
    done(null);
  }

  #note({ blob, stripe, number }: FragmentName, place: FragmentPlace): void {
    let fragments = this.#index.get(blob);
    if (fragments === undefined) {
      fragments = new Map();
      this.#index.set(blob, fragments);
    }
    fragments.set(`${stripe}/${number}`, place);
  }
}
