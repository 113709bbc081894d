/** @digitaldefiance/reed-solomon-erasure.wasm: the Rust crate reed-solomon-erasure in WebAssembly. */
import { adapterOf } from './wasm-reed-solomon.mjs';

export const name = '@digitaldefiance/reed-solomon-erasure.wasm';
export const { version, open } = adapterOf(name);
