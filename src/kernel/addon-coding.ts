/** The addon's coders as coding kernels. */
import { type Addon, type AddonCoder, converted } from './addon.js';
import type { CodingKernel, PreparedProduct, ShardProduct } from './coding-kernel.js';
import type { Attachment, Slab } from './slab.js';

/** A slab that the addon knows, by this number. */
interface RegisteredSlab extends Attachment {
  readonly number: number;
}

/** All coders of one addon in this thread share the registrations of slabs. */
interface Registrar {
  attach(slab: Slab): RegisteredSlab;
}

function registrarOf({ slabOpen, slabClose }: Addon): Registrar {
  return {
    attach: (slab) => {
      const number = guarded(() => slabOpen(slab.bytes));
      return { number, close: () => slabClose(number) };
    },
  };
}

/** Runs a call of the addon; its refusals become ThemisErrors. */
function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw converted(error);
  }
}

function prepare(
  coder: AddonCoder,
  registrar: Registrar,
  { coefficients, sources, targets }: ShardProduct,
): PreparedProduct {
  const { multiply, multiplyAdd, multiplyChecksums, verify } = coder;
  const plan = guarded(() => coder.planOpen(coefficients, sources, targets));
  // Written out: a closure for each call would cost a tenth of a short one.
  return {
    multiply(slab, offset, stride, length, streaming) {
      const { number } = slab.attachment(registrar);
      try {
        multiply(plan, number, offset, stride, length, streaming ? 1 : 0);
      } catch (error) {
        throw converted(error);
      }
    },
    multiplyChecksums(slab, offset, stride, length, streaming, block, results) {
      const { number } = slab.attachment(registrar);
      const stores = streaming ? 1 : 0;
      try {
        multiplyChecksums(plan, number, offset, stride, length, stores, block, results);
      } catch (error) {
        throw converted(error);
      }
    },
    multiplyAdd(slab, offset, stride, length) {
      const { number } = slab.attachment(registrar);
      try {
        multiplyAdd(plan, number, offset, stride, length);
      } catch (error) {
        throw converted(error);
      }
    },
    verify(slab, offset, stride, length) {
      const { number } = slab.attachment(registrar);
      try {
        return verify(plan, number, offset, stride, length);
      } catch (error) {
        throw converted(error);
      }
    },
    close() {
      coder.planClose(plan);
    },
  };
}

/** All coders of an addon, best first. */
export function addonCoding(addon: Addon): readonly CodingKernel[] {
  const registrar = registrarOf(addon);
  return addon.coders.map((coder) =>
    Object.freeze({
      name: `addon/${coder.name}`,
      prepare: (product: ShardProduct) => prepare(coder, registrar, product),
    }),
  );
}
