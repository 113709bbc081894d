/**
 * bench/erasure: Reed-Solomon kernels against ISA-L and against the bounds of the machine.
 * May import: harness, and base of src.
 */
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
export { type ErasureSuiteOptions, type ErasureSuiteResult, runErasureSuite } from './suite.js';
