/** Memory that O_DIRECT accepts, without an addon. */

/** The part of the global that is used here; neither ES2023's nor Node's types declare it. */
declare const WebAssembly: {
  readonly Memory: new (options: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => { readonly buffer: ArrayBuffer | SharedArrayBuffer };
};

/** Size and alignment of a page of WebAssembly.Memory. */
const pageBytes = 65_536;

/**
 * Zeroed bytes whose address is a multiple of 4 KiB (of 64 KiB in practice), as files opened with
 * `sync: 'direct'` need. They live outside V8's heap. `shared` makes them visible to all threads.
 */
export function alignedBytes(
  length: number,
  options: { readonly shared?: boolean } = {},
): Uint8Array {
  const pages = Math.max(1, Math.ceil(length / pageBytes));
  const shared = options.shared === true;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  return new Uint8Array(memory.buffer, 0, length);
}
