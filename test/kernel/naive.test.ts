/** The oracle keeps the kernel contract, whose vectors come from RFC 3720. */

import { test } from 'uvu';
import { naiveKernel } from '../../src/kernel/index.js';
import { kernelContract } from '../contract/kernel.js';

kernelContract(test, naiveKernel);
test.run();
