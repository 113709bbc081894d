/**
 * bench/erasure: Reed-Solomon kernels against ISA-L and against the bounds of the machine, and
 * coding in Node against other packages.
 * May import: harness, and base and kernel of src.
 */

export { encodeInThreads, type ThreadsRun } from './coding-threads.js';
export {
  type CompiledKernels,
  compileKernels,
  type ErasureOperation,
  erasureOperations,
  type KernelsFigure,
  type KernelsRun,
  parseFigure,
  runKernels,
} from './kernels.js';
export { type NodeOperation, nodeOperations } from './node-run.js';
export { addonPeers, type LoadedCodec, loadCodec, wasmPeers } from './peer.js';
export { type ErasureSuiteOptions, type ErasureSuiteResult, runErasureSuite } from './suite.js';
