/** The portable kernel keeps the kernel contract. */

import { test } from 'uvu';
import { portableKernel } from '../../src/kernel/index.js';
import { kernelContract } from '../contract/kernel.js';

kernelContract(test, portableKernel);
test.run();
