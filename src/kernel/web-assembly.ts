/** The part of WebAssembly that is used here; neither ES2023's nor Node's types declare it. */

/** Shared memory that a thread can post to another. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

interface Global {
  readonly Memory: new (options: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

declare const WebAssembly: Global;

/** Bytes in a page of memory. */
export const pageBytes = 65_536;

/** Zeroed shared memory of so many pages, that does not grow. */
export function sharedMemory(pages: number): SharedMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** True for what sharedMemory made, also in another thread. */
export function isSharedMemory(value: unknown): value is SharedMemory {
  return value instanceof WebAssembly.Memory && value.buffer instanceof SharedArrayBuffer;
}

/** Compiles a module. Throws a CompileError when it, or one of its instructions, is not known. */
export function compile(bytes: Uint8Array): object {
  return new WebAssembly.Module(bytes);
}

/** The exports of a module that is instantiated over a memory, imported as `slab.memory`. */
export function instantiate(
  module: object,
  memory: SharedMemory,
): Readonly<Record<string, unknown>> {
  return new WebAssembly.Instance(module, { slab: { memory } }).exports;
}
